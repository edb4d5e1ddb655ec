import { expect, test } from "vitest";
import { encodeForm } from "./encode-form.ts";

test("hashes and lists nest in brackets; what is undefined is left out", () => {
  expect(
    encodeForm({ url: "http://a/?b=c&d", connect: true, left: undefined, enabled_events: ["*", "a.b"], metadata: { "a b": "ü", n: 5 } }),
  ).toBe("url=http%3A%2F%2Fa%2F%3Fb%3Dc%26d&connect=true&enabled_events[0]=*&enabled_events[1]=a.b&metadata[a%20b]=%C3%BC&metadata[n]=5");
  expect(encodeForm({})).toBe("");
});
