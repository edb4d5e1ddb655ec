import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { secretFrom } from "./secret-from.ts";
import { targetOf } from "./server-options.ts";
import { namedStore } from "./store-options.ts";

const directory = mkdtempSync(join(tmpdir(), "carabiner-secret-"));
afterAll(() => rmSync(directory, { recursive: true }));

function fileWith(text: string): string {
  const file = join(directory, "secret");
  writeFileSync(file, text);
  return file;
}

test("a secret comes from its variable, or from the file that the variable with _FILE names", () => {
  expect(secretFrom({ A: "x" }, "A")).toBe("x");
  expect(secretFrom({ A_FILE: fileWith("from a file\n") }, "A")).toBe("from a file");
  expect(secretFrom({ A: "", A_FILE: "" }, "A")).toBeUndefined();
  expect(() => secretFrom({ A: "x", A_FILE: fileWith("y") }, "A")).toThrow("A and A_FILE are both set. Unset one.");
  expect(() => secretFrom({ A_FILE: join(directory, "none") }, "A")).toThrow(
    "which A_FILE names: there is no such file or folder (ENOENT).",
  );
});

test("API keys and the URL of a database may be in files", () => {
  expect(targetOf({}, { CARABINER_API_KEY_FILE: fileWith("sk_test_mine\n") }).key).toBe("sk_test_mine");
  expect(targetOf({ live: true }, { CARABINER_LIVE_API_KEY_FILE: fileWith("sk_live_mine\n") }).key).toBe("sk_live_mine");
  const url = "postgres://user:secret@db.internal/carabiner";
  expect(namedStore({}, { CARABINER_DATABASE_URL_FILE: fileWith(`${url}\n`) })).toMatchObject({
    store: { url },
    shown: "postgres://db.internal/carabiner",
  });
});
