import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { capturedTerminal, runCommand } from "../test/captured-terminal.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { buildProgram, COMMANDS } from "./program.ts";
import { packageVersion } from "./version.ts";

test.each([
  [["evens"], "Did you mean events?"],
  [["help", "evens"], "unknown command 'evens'\n(Did you mean events?)"],
  [["events", "help", "lst"], "unknown command 'lst'\n(Did you mean list?)"],
  [["events", "list", "--limit", "0"], "from 1 to 100"],
  [["events", "list", "--nope"], "unknown option '--nope'"],
  [["events", "get"], "missing required argument 'event'"],
  [["events", "list", "--url", "nowhere"], "Not the address of a server"],
  [["events", "publish", "a.b"], "--object"],
  [["events", "publish", "a.b", "--object", "{"], "not JSON"],
  [["events", "publish", "a.b", "--object-file", "no/such/file"], "Cannot read no/such/file: there is no such file or folder (ENOENT)."],
  [["audit", "--data", "a"], "option '--data' goes after a command, as in: carabiner audit list --data"],
  [["--port", "1"], "option '--port' goes after a command, as in: carabiner dev --port"],
  [["audit", "--nope"], "unknown option '--nope'"],
  [["endpoints", "create", "http://a", "--events", "a,,b"], "commas between"],
  [["endpoints", "create", "localhost:4242/hook"], "such as http://localhost:4242/hook."],
  [["endpoints", "update", "we_1", "--to", "example.com/hook"], "such as https://example.com/hook."],
  [["endpoints", "roll", "we_1", "--expire-after", "25h"], "24h at the most"],
  [
    ["deliveries", "list", "--state", "lost"],
    "Allowed choices are pending, retrying, succeeded, exhausted, unreceived, cancelled, quarantined",
  ],
  [["clock", "advance"], "Say how far"],
  [["clock", "advance", "5m", "--to", "2026-01-01"], "Say how far"],
  [["clock", "advance", "soon"], "argument <duration>: 'soon' is invalid. It must be a time such as 90s, 5m, 2h30m or 3d."],
  [["clock", "advance", "--to", "soon"], "Unix seconds"],
  [["dev", "--port", "65536"], "from 0 to 65535"],
  [["dev", "--data", "a", "--memory"], "exclude each other"],
  [["dev", "--log-level", "loud"], "Allowed choices"],
  [["serve", "--retry-policy", "often"], "Allowed choices are stripe"],
  [["serve"], "CARABINER_DATA"],
  [["keys", "list", "--platform", "acct_1"], "dev` without --data keeps everything in memory"],
  [["platforms", "create"], "required option '--name <name>'"],
  [["platforms", "create", "--name", "a"], "CARABINER_DATA"],
  [["platforms", "create", "--name", "a", "--country", "USA"], "two letters"],
])("%j is wrong usage: %s", async (args, words) => {
  const { code, out, err } = await runCommand(args);
  expect(err).toContain(words);
  expect(out).toBe("");
  expect(code).toBe(EXIT_CODES.usage);
});

test("without a command it shows what there is, as wrong usage", async () => {
  const { code, out, err } = await runCommand([]);
  expect([code, out]).toEqual([EXIT_CODES.usage, ""]);
  expect(err).toContain("Run a server:");
});

test("help has commands and a server's options below headings, and nothing outside but what concerns the command itself", async () => {
  const headings = (help: string): string[] => help.match(/^[A-Z].*:$/gm) ?? [];
  expect(headings((await runCommand(["--help"])).out)).toEqual([
    ...["Options:", "Run a server:", "Accounts, events and endpoints:", "Operate a server:", "Other commands:", "Examples:"],
  ]);
  const { out } = await runCommand(["serve", "--help"]);
  expect(headings(out)).toEqual([
    ...[
      "Data:",
      "Listening:",
      "Bounds:",
      "Deliveries:",
      "The API and its events:",
      "Roles, metrics and logs:",
      "The Stripe CLI:",
      "Options:",
      "Examples:",
    ],
  ]);
  expect(out.split("\nOptions:\n")[1]?.match(/^ {2}-\S+( --\w+)?/gm)).toEqual(["  --json", "  -h, --help"]);
});

test("help of a command that exists is still shown", async () => {
  const { code, out } = await runCommand(["help", "events"]);
  expect(code).toBe(EXIT_CODES.ok);
  expect(out).toContain("Usage: carabiner events");
});

test("help and version are data, and end well", async () => {
  expect(await runCommand(["--version"])).toEqual({ code: EXIT_CODES.ok, out: packageVersion(), err: "" });
  const help = await runCommand(["events", "list", "--help"]);
  expect([help.code, help.err]).toEqual([EXIT_CODES.ok, ""]);
  expect(help.out).toContain("carabiner events list --type 'account.*'");
  expect(help.out).not.toContain("\u001b");
});

test("colours appear only where they are wanted", async () => {
  expect((await runCommand(["events", "list", "--help"], { colours: true })).out).toContain("\u001b[");
  expect((await runCommand(["serve"], { colours: true })).err).toContain("\u001b[31merror:\u001b[39m");
});

test("a server that is not there ends with 4", async () => {
  // Port 1 of this machine: no server listens there, and none can without special rights.
  const { code, out, err } = await runCommand(["events", "list"], { env: { CARABINER_URL: "http://127.0.0.1:1" } });
  expect(err).toContain("Cannot reach a server at http://127.0.0.1:1: ");
  expect([code, out]).toEqual([EXIT_CODES.unreachable, ""]);
});

test("serve does not start without a platform, and says how to make one", async () => {
  const { code, err } = await runCommand(["serve"], { env: { CARABINER_DATA: "no/such/directory" } });
  expect(err).toContain("carabiner platforms create --name NAME --data no/such/directory");
  expect(code).toBe(EXIT_CODES.error);
});

// Nobody, not even the superuser, can make a folder below a file.
test.each([["serve"], ["backup", "--to", "backup.db"], ["platforms", "list"]])(
  "%s does not advise to make a platform where none can be made",
  async (...args) => {
    const file = import.meta.filename;
    const { code, err } = await runCommand([...args, "--data", `${file}/data`]);
    expect(err).toContain(`There is no platform in ${file}/data, and none can be made there: ${file} is not a directory.`);
    expect(err).not.toContain("platforms create");
    expect(code).toBe(EXIT_CODES.error);
  },
);

test("a data directory that is a file is named as such", async () => {
  for (const args of [["serve"], ["dev", "--port", "0"]]) {
    const { code, err } = await runCommand([...args, "--data", import.meta.filename]);
    expect([code, err]).toEqual([EXIT_CODES.error, expect.stringContaining(`${import.meta.filename} is not a directory.`)]);
  }
});

test("a data directory that is a link to nowhere is named as such", async () => {
  const folder = await mkdtemp(join(tmpdir(), "carabiner-program-"));
  try {
    const link = join(folder, "data");
    await symlink(join(folder, "none"), link);
    for (const args of [["serve"], ["dev", "--port", "0"]])
      expect((await runCommand([...args, "--data", link])).err).toContain(`${link} is a link that leads nowhere.`);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("an inbox that is a folder is named as such", async () => {
  const { code, err } = await runCommand(["inbox", "list", "--inbox", import.meta.dirname]);
  expect([code, err]).toEqual([EXIT_CODES.error, expect.stringContaining(`${import.meta.dirname} is a folder.`)]);
});

const namesOf = (program: Awaited<ReturnType<typeof buildProgram>>) => program.commands.map((command) => command.name());

test.each(COMMANDS.flatMap(({ names }) => names.filter((name) => name !== "completion").map((name) => ({ name, names }))))(
  "the options of other commands are not made for $name",
  async ({ name, names }) => {
    const all = await buildProgram(capturedTerminal());
    const alone = await buildProgram(capturedTerminal(), null, name);
    expect(namesOf(alone)).toEqual(names);
    const help = (program: typeof all) => program.commands.find((command) => command.name() === name)?.helpInformation();
    expect(help(alone)).toBe(help(all));
  },
);

test.each([undefined, "completion", "--config", "help", "evens", "toString"])("all commands are there for %s", async (first) => {
  const program = await buildProgram(capturedTerminal(), null, first);
  expect(namesOf(program)).toEqual(COMMANDS.flatMap(({ names }) => names));
});
