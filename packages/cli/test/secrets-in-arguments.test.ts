import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { EXIT_CODES } from "../src/exit-codes.ts";
import { buildProgram } from "../src/program.ts";
import { capturedTerminal, runCommand } from "./captured-terminal.ts";
import { allCommands } from "./command-reference.ts";

const BIN = fileURLToPath(new URL("../src/bin.mjs", import.meta.url));
const DATABASE = "postgres://app:hunter2@127.0.0.1:1/app";

/** Command lines that name every option and argument of the program that takes a value, each in turn. */
const CASES = allCommands(await buildProgram(capturedTerminal())).flatMap(([name, command]) => {
  const words = name.split(" ").slice(1);
  const required = command.registeredArguments.filter((argument) => argument.required).map(() => "x");
  const mandatory = command.options.filter(({ mandatory }) => mandatory).flatMap(({ long }) => [String(long), "x"]);
  return [
    ...command.options
      .filter((option) => option.required || option.optional)
      .map(({ long }) => [...words, ...required, ...mandatory, String(long), DATABASE]),
    ...command.registeredArguments.map((_, index) => [
      ...words,
      ...(command.registeredArguments.length > required.length ? [] : required).map((word, at) => (at === index ? DATABASE : word)),
      ...mandatory,
      ...(command.registeredArguments.length > required.length ? [DATABASE] : []),
    ]),
  ];
});

test("no option and no argument of any command may contain a URL with a password", async () => {
  expect(CASES.length).toBeGreaterThan(100);
  for (const args of CASES) {
    const { code, out, err } = await runCommand(args);
    // A value of another form, such as a number, is refused before.
    expect([args, code, out, err]).toEqual([args, EXIT_CODES.usage, "", expect.stringMatching(/contains a password|is invalid/)]);
  }
});

test.each([
  [["serve", "--database", DATABASE], "--database", "Set CARABINER_DATABASE_URL instead"],
  [["serve", "--database", "postgresql://app@127.0.0.1:1/app?password=hunter2"], "--database", "Set CARABINER_DATABASE_URL instead"],
  [
    ["endpoints", "disable", "we_1", "--database", DATABASE],
    "--database",
    "Leave it out, and put the password in ~/.pgpass or PGPASSWORD.",
  ],
  [["inbox", "list", "--inbox", DATABASE], "--inbox", "Set CARABINER_INBOX instead"],
  [["serve", "--data", "here", "--egress-proxy", "http://u:hunter2@proxy:3128"], "--egress-proxy", "Set CARABINER_EGRESS_PROXY instead"],
  [["events", "list", "--url", "http://u:hunter2@127.0.0.1:1"], "--url", "Leave it out"],
  [["endpoints", "create", "https://u:hunter2@example.com/hook"], "<url>", "Leave it out"],
])("%j: one line names the argument and says where the password belongs", async (args, named, instead) => {
  const { code, out, err } = await runCommand(args);
  expect([code, out, err.split("\n")]).toEqual([EXIT_CODES.usage, "", [expect.stringContaining(instead)]]);
  expect(err).toContain(`error: ${named} contains a password, which every process on this machine can see.`);
  expect(err).not.toContain("hunter2");
});

test("a URL without a password is allowed, and one with a password from the environment", async () => {
  const inbox = ["inbox", "stats"];
  for (const [args, env] of [
    [[...inbox, "--inbox", "postgres://app@127.0.0.1:1/app"], {}],
    [inbox, { CARABINER_INBOX: DATABASE }],
  ] as const) {
    const { code, err } = await runCommand(args, { env });
    expect([code, err]).toEqual([EXIT_CODES.error, expect.stringContaining("The inbox cannot be opened")]);
    expect(err).not.toContain("hunter2");
  }
});

test.each(["--api-key", "--key", "--secret", "--password"])(
  "%s, as other tools have it, is answered with where a secret belongs",
  async (flag) => {
    const { code, err } = await runCommand(["events", "list", flag, "sk_test_of_mine"]);
    expect([code, err.split("\n")[0]]).toEqual([EXIT_CODES.usage, expect.stringContaining("set CARABINER_API_KEY")]);
    expect(err).not.toContain("sk_test_of_mine");
  },
);

test("an address of a server with a user is refused, wherever it comes from, and is not shown", async () => {
  const { code, err } = await runCommand(["events", "list"], { env: { CARABINER_URL: "http://u:hunter2@127.0.0.1:1" } });
  expect([code, err]).toEqual([EXIT_CODES.usage, expect.stringContaining("it names a user or a password")]);
  expect(err).not.toContain("hunter2");
});

test("a key may come from stdin", () => {
  const env = { PATH: process.env.PATH, CARABINER_DATABASE_URL_FILE: "-", CARABINER_KEY: "ab".repeat(32) };
  const { status, stderr } = spawnSync(process.execPath, [BIN, "keys", "list", "--platform", "acct_1"], {
    encoding: "utf8",
    env,
    input: `${DATABASE}\n`,
  });
  expect([status, stderr]).toEqual([EXIT_CODES.error, expect.stringContaining("postgres://127.0.0.1:1/app")]);
});
