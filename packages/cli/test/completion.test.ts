import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { EXIT_CODES } from "../src/exit-codes.ts";
import { buildProgram } from "../src/program.ts";
import { capturedTerminal, runCommand } from "./captured-terminal.ts";

type Shell = "bash" | "zsh" | "fish";

/** How each shell is asked what it completes: the words before the cursor are its arguments. */
const ASKING: Readonly<Record<Shell, { options: readonly string[]; program: (script: string) => string }>> = {
  bash: {
    options: [],
    program: (script) => `${script}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _carabiner; printf '%s\\n' "\${COMPREPLY[@]}"`,
  },
  // What zsh narrows to the typed word is narrowed here: there is no line that is edited.
  zsh: {
    options: ["-f"],
    program: (script) => `autoload -Uz compinit; compinit -D -u
${script}
[ "$_comps[carabiner]" = _carabiner ] || exit 1
compadd() { shift; for found in "$@"; do [[ "$found" = "$words[CURRENT]"* ]] && print -r -- "$found"; done }
words=("$@"); CURRENT=$#; _carabiner; true`,
  },
  fish: {
    options: ["--no-config"],
    program: (script) => `${script}
complete -C (string join ' ' -- $argv)`,
  },
};

const scripts = new Map<Shell, string>();

/** Shells complain about a language that is not installed, as one that came from another machine with the login. */
const inEnglish = { ...process.env, LC_ALL: "C" };

/** What a real shell completes after these words. */
async function completed(shell: Shell, ...words: string[]): Promise<string[]> {
  const script = scripts.get(shell) ?? (await runCommand(["completion", shell])).out;
  scripts.set(shell, script);
  const { options, program } = ASKING[shell];
  const line = ["carabiner", ...words];
  const args = shell === "fish" ? line : [shell, ...line];
  const { error, status, stdout, stderr } = spawnSync(shell, [...options, "-c", program(script), ...args], {
    encoding: "utf8",
    env: inEnglish,
  });
  if (error !== undefined) throw new Error(`${shell} is not installed here: apt install zsh fish`, { cause: error });
  expect([status, stderr]).toEqual([0, ""]);
  return stdout.split("\n").flatMap((word) => (word === "" ? [] : [word.split("\t")[0] as string]));
}

describe.each<Shell>(["bash", "zsh", "fish"])("%s", (shell) => {
  test.each([
    [["ev"], ["events"]],
    [["events", "re"], ["resend"]],
    [["deliveries", "list", "--starting"], ["--starting-after"]],
    [["deliveries", "list", "--state", "e"], ["exhausted"]],
    [["--json", "events", "pub"], ["publish"]],
    [["trigger", "payout.f"], ["payout.failed"]],
    [["events", "get", "evt_1", "--js"], ["--json"]],
    [["completion", "f"], ["fish"]],
    [["nonsense"], []],
  ])("completes %j to %j", async (words, completions) => {
    expect(await completed(shell, ...words)).toEqual(completions);
  });

  test("completes every command", async () => {
    const commands = (await buildProgram(capturedTerminal())).commands.map((command) => command.name());
    expect((await completed(shell, "")).filter((word) => !word.startsWith("-")).sort()).toEqual(commands.sort());
  });
});

test("zsh completes with the script as a file in $fpath, and after eval where completion is not set up", async () => {
  const { out } = await runCommand(["completion", "zsh"]);
  const directory = mkdtempSync(join(tmpdir(), "carabiner-zsh-"));
  try {
    writeFileSync(join(directory, "_carabiner"), out);
    const asFile = `fpath=("${directory}" $fpath); autoload -Uz compinit; compinit -D -u
compadd() { shift; print -rl -- "$@" }
words=(carabiner completion ""); CURRENT=3; _carabiner; _carabiner`;
    const file = spawnSync("zsh", ["-f", "-c", asFile], { encoding: "utf8", env: inEnglish });
    expect([file.stderr, file.stdout.split("\n").filter((word) => word === "fish")]).toEqual(["", ["fish", "fish"]]);
    const env = { PATH: process.env.PATH, HOME: directory, ZDOTDIR: directory };
    const evaluated = spawnSync("zsh", ["-f", "-c", `${out}\nprint -r -- "$_comps[carabiner]"`], { encoding: "utf8", env });
    expect([evaluated.stderr, evaluated.stdout]).toEqual(["", "_carabiner\n"]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("another shell is refused", async () => {
  expect(await runCommand(["completion", "cmd"])).toMatchObject({
    code: EXIT_CODES.usage,
    err: expect.stringContaining("bash, zsh, fish"),
  });
});
