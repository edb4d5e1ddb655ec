import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { EXIT_CODES } from "../src/exit-codes.ts";
import { buildProgram, COMMANDS } from "../src/program.ts";
import { VARIABLES } from "../src/settings/variables.ts";
import { capturedTerminal } from "./captured-terminal.ts";
import { allCommands, commandReference } from "./command-reference.ts";

const DOCUMENT = fileURLToPath(new URL("../../../docs/cli.md", import.meta.url));
const BEGIN = "<!-- commands -->";
const END = "<!-- end of commands -->";

const program = await buildProgram(capturedTerminal());
const text = readFileSync(DOCUMENT, "utf8");

test("docs/cli.md lists every command and option as they are defined, and no others (vitest run packages/cli --update rewrites it)", async () => {
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  expect(after, `docs/cli.md has ${BEGIN} … ${END}`).toBeDefined();
  await expect(`${before}${BEGIN}\n\n${commandReference(program)}\n\n${END}${after}`).toMatchFileSnapshot(DOCUMENT);
});

test("the package's README has a row for every command, and for no others", () => {
  const readme = readFileSync(fileURLToPath(new URL("../README.md", import.meta.url)), "utf8");
  const rows = [...readme.matchAll(/^\| ((?:`[a-z-]+`(?:, )?)+) \|/gm)].flatMap(([, names]) =>
    [...(names ?? "").matchAll(/[a-z-]+/g)].map(String),
  );
  expect(rows.toSorted()).toEqual(COMMANDS.flatMap(({ names }) => names).toSorted());
});

test("docs/cli.md lists every exit code, and no others", () => {
  const listed = [...text.matchAll(/^\| (\d) \| /gm)].map((match) => Number(match[1]));
  expect(listed).toEqual(Object.values(EXIT_CODES));
});

test("docs/cli.md and the settings name every environment variable that help names", () => {
  const helped = [program, ...allCommands(program).map(([, command]) => command)].map((command) => command.helpInformation()).join("\n");
  const listed = [...text.matchAll(/^\| `(CARABINER_[A-Z_]+)` \|/gm)].map((match) => match[1] ?? "");
  expect([...new Set(helped.match(/CARABINER_[A-Z_]+/g))].filter((name) => !listed.includes(name) && !VARIABLES.includes(name))).toEqual([
    "CARABINER_CONFIG",
  ]);
  expect(listed.filter((name) => !helped.includes(name))).toEqual([]);
});

test.each(allCommands(program))("%s has an example in its help", (name, command) => {
  const shown: string[] = [];
  command.configureOutput({ writeOut: (part) => void shown.push(part) }).outputHelp();
  expect(shown.join("")).toMatch(new RegExp(`Examples?:\\n  ${name}|\\n  ${name} `));
});
