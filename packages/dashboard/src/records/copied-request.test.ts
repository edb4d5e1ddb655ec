import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { asCurl, asHandler, asTest } from "./copied-request.ts";

const sent = {
  url: "https://example.com/hook?a='b'",
  headers: { "Content-Length": "12", "stripe-signature": "t=1,v1=aa", "content-type": "application/json" },
  body: '{"name":"O\'Brien $(id) `id`"}',
};

test("a shell passes the copied command on letter by letter", () => {
  const shown = execFileSync("sh", ["-c", asCurl(sent).replace(/^curl/, `printf '%s\\n'`)], { encoding: "utf8" })
    .trimEnd()
    .split("\n");
  expect(shown).toEqual([sent.url, "-H", "stripe-signature: t=1,v1=aa", "-H", "content-type: application/json", "--data-raw", sent.body]);
});

test("the copied test and handler are valid modules whatever the event holds", () => {
  for (const source of [asTest(sent, 'a"b.`c`'), asHandler('a"b.`c`', true)])
    expect(() =>
      execFileSync(process.execPath, ["--check", "--input-type=module", "-"], { input: source, stdio: ["pipe", "ignore", "pipe"] }),
    ).not.toThrow();
});
