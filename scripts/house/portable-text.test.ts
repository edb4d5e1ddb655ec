import { expect, test } from "vitest";
import { portableText } from "./portable-text.ts";

test.each([
  'const file = "/home/ada/carabiner.db";',
  "see /root/notes.md",
  'mkdtempSync("/tmp/carabiner-")',
  "C:\\Users\\ada",
  'import "../../../shared/design.ts";',
  "https://registry.npmjs.org/undici",
])("%s holds on one machine only", (line) => {
  expect(portableText("a.ts", `fine\n${line}`)).toEqual([{ path: "a.ts", line: 2, says: expect.any(String) }]);
});

test.each(["https://example.com/home/page", "GET /v1/accounts/:account", "./tmp/file", "--data DIR/work/x", "the home of /workers"])(
  "%s is fine",
  (line) => {
    expect(portableText("a.ts", line)).toEqual([]);
  },
);
