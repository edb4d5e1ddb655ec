import fc from "fast-check";
import { expect, test } from "vitest";
import { html } from "./html.ts";

test("what is put in is escaped, but for HTML", () => {
  const inner = html`<b title="${`a"b'c`}">${"<&>"}</b>`;
  expect(inner.text).toBe('<b title="a&quot;b&#39;c">&lt;&amp;&gt;</b>');
  expect(html`<p>${inner}${[1, " ", inner]}${null}${undefined}${false}</p>`.text).toBe(`<p>${inner.text}1 ${inner.text}</p>`);
});

test("no text can end the attribute or the element it stands in", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(html`${text}`.text).not.toMatch(/[<>"']/);
    }),
  );
});
