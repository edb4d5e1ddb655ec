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

test("a body that is too long for an argument goes to curl's input, letter by letter", () => {
  const body = `{"long":"${"é'".repeat(100_000)}"}`;
  const command = asCurl({ ...sent, body });
  const shown = execFileSync("sh", ["-s"], {
    input: command.replace(/\| curl[\s\S]*$/, ""),
    encoding: "utf8",
    maxBuffer: 10_000_000,
  });
  expect(shown).toBe(body);
  expect(command).toMatch(/--data-binary @-$/);
});

test("the copied test and handler are valid modules whatever the event contains", () => {
  const bodies = [sent.body, '{"account":"acct_1"}', '{"object":"v2.core.event"}'];
  for (const source of [asTest(sent, 'a"b.`c`'), ...bodies.map((body) => asHandler('a"b.`c`', body))])
    expect(() =>
      execFileSync(process.execPath, ["--check", "--input-type=module", "-"], { input: source, stdio: ["pipe", "ignore", "pipe"] }),
    ).not.toThrow();
});
