import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");

test("a run in which a test fails ends with 1, also when it had a database", { timeout: 60_000 }, () => {
  const vitest = join(ROOT, "node_modules/.bin/vitest");
  const { status, stdout } = spawnSync(vitest, ["run", "--config", "scripts/failing-run/vitest.config.ts"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  expect(stdout).toContain("fails, after it has had a database");
  expect(status).toBe(1);
});
