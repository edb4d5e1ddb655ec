import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { EXIT_CODES } from "../src/exit-codes.ts";
import { runCommand } from "./captured-terminal.ts";

/** What bash completes after these words. */
async function completed(...words: string[]): Promise<string[]> {
  const { out } = await runCommand(["completion", "bash"]);
  const program = `${out}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _carabiner; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync("bash", ["-c", program, "bash", "carabiner", ...words], { encoding: "utf8" });
  expect(stderr).toBe("");
  return stdout.split("\n").filter((word) => word !== "");
}

test.each([
  [["ev"], ["events"]],
  [["events", "re"], ["resend"]],
  [["deliveries", "list", "--stat"], ["--state"]],
  [["deliveries", "list", "--state", "e"], ["exhausted"]],
  [["--json", "events", "pub"], ["publish"]],
  [["trigger", "payout.f"], ["payout.failed"]],
  [["events", "get", "evt_1", "--js"], ["--json"]],
  [["completion", "f"], ["fish"]],
  [["nonsense"], []],
])("bash completes %j to %j", async (words, completions) => {
  expect(await completed(...words)).toEqual(completions);
});

test.each(["zsh", "fish"])("the script for %s has every command, option and type", async (shell) => {
  const { code, out } = await runCommand(["completion", shell]);
  expect(code).toBe(EXIT_CODES.ok);
  for (const word of ["deliveries tail", "--forward-connect-to", "payout.failed", "quarantined"]) expect(out).toContain(word);
});

test("another shell is refused", async () => {
  expect(await runCommand(["completion", "cmd"])).toMatchObject({
    code: EXIT_CODES.usage,
    err: expect.stringContaining("bash, zsh, fish"),
  });
});
