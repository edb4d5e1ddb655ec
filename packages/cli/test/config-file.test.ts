import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { withConfigFile } from "../src/config-file.ts";
import { EXIT_CODES } from "../src/exit-codes.ts";
import { LIMIT_VARIABLES } from "../src/settings/limit-values.ts";
import { VARIABLES } from "../src/settings/variables.ts";
import { runCommand } from "./captured-terminal.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "carabiner-config-"));
});
afterEach(() => rm(home, { recursive: true }));

async function config(text: string, mode = 0o600): Promise<string> {
  const path = join(home, ".config", "carabiner", "config.env");
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
}

test("the environment overrides the file, in any form of a setting", async () => {
  await config(
    "# the server at work\nCARABINER_URL=http://127.0.0.1:4000\nCARABINER_API_KEY=sk_test_file\nCARABINER_DATA=/srv/carabiner\nCARABINER_KEY_FILE=/srv/key\n",
  );
  expect(withConfigFile({ HOME: home }).env).toMatchObject({
    CARABINER_URL: "http://127.0.0.1:4000",
    CARABINER_API_KEY: "sk_test_file",
    CARABINER_DATA: "/srv/carabiner",
  });
  const env = { HOME: home, CARABINER_API_KEY_FILE: "/run/key", CARABINER_DATABASE_URL: "postgres://db", CARABINER_KEY: "k" };
  const { env: all, configFile } = withConfigFile(env);
  expect(all).toEqual({ ...env, CARABINER_URL: "http://127.0.0.1:4000" });
  expect([...(configFile?.names ?? [])]).toEqual(["CARABINER_URL"]);
});

test("without a file the environment is all there is, and a file that is named must be there", async () => {
  const env = { HOME: home };
  expect(withConfigFile(env)).toEqual({ env, configFile: null });
  expect(withConfigFile({})).toEqual({ env: {}, configFile: null });
  const run = await runCommand(["events", "list"], { env: { CARABINER_CONFIG: join(home, "none.env") } });
  expect(run.code).toBe(EXIT_CODES.usage);
  expect(run.err).toMatch(/Cannot read the configuration file .*none\.env: there is no such file or folder \(ENOENT\)/);
});

test("a file in the home that is there and cannot be read is an error that says what to do", async () => {
  await mkdir(join(home, ".config/carabiner/config.env"), { recursive: true });
  const run = await runCommand(["events", "list"], { env: { HOME: home } });
  expect(run).toMatchObject({ code: EXIT_CODES.usage });
  expect(run.err).toMatch(
    /^error: Cannot read the configuration file .*config\.env: it is a folder \(EISDIR\)\.\n.*point HOME to a folder of the user's own\./,
  );
});

test("a line that is not an assignment is an error that gives its number but not its content; quoted values may have several lines", async () => {
  const path = await config("# the server\n\nexport CARABINER_URL=\"http://127.0.0.1:9\"\nCARABINER_KEY='a\nb'\ntopsecret\n");
  const run = await runCommand(["events", "list"], { env: { HOME: home } });
  expect(run).toMatchObject({ code: EXIT_CODES.usage });
  expect(run.err).toBe(
    `error: Line 6 of the configuration file ${path} is not NAME=value.\n  Fix the line, or put # in front of it to leave it out.`,
  );
});

test("a quotation mark in a comment opens no value", async () => {
  await config('# such as KEY="sk_…\nCARABINER_URL="http://127.0.0.1:9"\n');
  const { code, err } = await runCommand(["events", "list"], { env: { HOME: home } });
  expect([code, err]).toEqual([EXIT_CODES.unreachable, expect.stringContaining("127.0.0.1:9")]);
});

test("a command uses the file's values, and its options override them", async () => {
  await config("CARABINER_URL=http://127.0.0.1:9\n");
  const from = async (...args: string[]) => (await runCommand(["events", "list", ...args], { env: { HOME: home } })).err;
  expect(await from()).toMatch(/127\.0\.0\.1:9\b/);
  expect(await from("--url", "http://127.0.0.1:19")).toMatch(/127\.0\.0\.1:19\b/);
});

test("an unknown name is refused with the one that was meant, and does not stop help", async () => {
  const path = await config("CARABINER_ULR=http://127.0.0.1:9\n");
  const run = await runCommand(["events", "list"], { env: { HOME: home } });
  expect(run).toMatchObject({ code: EXIT_CODES.usage });
  expect(run.err).toBe(
    `error: There is no variable "CARABINER_ULR", which the configuration file ${path} sets.\n  Did you mean CARABINER_URL?`,
  );
  expect((await runCommand(["events", "--help"], { env: { HOME: home } })).code).toBe(EXIT_CODES.ok);
});

test("a secret in a file that others can read is refused", async () => {
  const path = await config("CARABINER_API_KEY=sk_test_file\n", 0o644);
  const run = await runCommand(["events", "list"], { env: { HOME: home } });
  expect(run.code).toBe(EXIT_CODES.usage);
  expect(run.err).toContain(`chmod 600 ${path}`);
  expect(run.err).not.toContain("sk_test_file");
});

test("--config overrides every other way to name the file", async () => {
  await config("CARABINER_URL=http://127.0.0.1:9\n");
  const other = join(home, "other.env");
  await writeFile(other, "CARABINER_URL=http://127.0.0.1:19\n");
  const env = { HOME: home, CARABINER_CONFIG: join(home, "none.env") };
  expect((await runCommand(["events", "list", "--config", other], { env })).err).toMatch(/127\.0\.0\.1:19\b/);
  expect((await runCommand(["--config", other, "events", "list"], { env })).err).toMatch(/127\.0\.0\.1:19\b/);
});

test("an unknown name in the environment is refused too, but not what Kubernetes sets for a Service", async () => {
  const run = await runCommand(["events", "list"], { env: { CARABINER_PROT: "1" } });
  expect(run).toMatchObject({ code: EXIT_CODES.usage });
  expect(run.err).toBe('error: There is no variable "CARABINER_PROT", which the environment sets.\n  Did you mean CARABINER_PORT?');
  const links = {
    CARABINER_SERVICE_HOST: "10.96.0.7",
    CARABINER_SERVICE_PORT: "80",
    CARABINER_SERVICE_PORT_HTTP: "80",
    CARABINER_PORT: "tcp://10.96.0.7:80",
    CARABINER_PORT_80_TCP: "tcp://10.96.0.7:80",
    CARABINER_PORT_80_TCP_ADDR: "10.96.0.7",
  };
  expect(withConfigFile(links)).toEqual({ env: {}, configFile: null });
  expect(withConfigFile({ CARABINER_PORT: "8080" }).env).toEqual({ CARABINER_PORT: "8080" });
});

test("its variables are those that docs/cli.md and docs/configuration.md list, apart from limits", async () => {
  const texts = await Promise.all(
    ["cli", "configuration"].map((name) => readFile(new URL(`../../../docs/${name}.md`, import.meta.url), "utf8")),
  );
  const listed = new Set(
    texts.flatMap((text) => [...text.matchAll(/^\|.*?`(CARABINER_[A-Z_]+)`.* \|/gm)].map(([, name]) => name as string)),
  );
  const variables = VARIABLES.filter((name) => !LIMIT_VARIABLES.has(name));
  expect([...listed].filter((name) => !variables.includes(name))).toEqual([]);
  expect(variables.filter((name) => !listed.has(name) && !listed.has(name.replace(/_FILE$/, "")))).toEqual([]);
});
