import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CONFIG_VARIABLES, withConfigFile } from "../src/config-file.ts";
import { EXIT_CODES } from "../src/exit-codes.ts";
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

test("the environment wins over the file, in whatever form it says a thing", async () => {
  await config(
    "# the server at work\nCARABINER_URL=http://127.0.0.1:4000\nCARABINER_API_KEY=sk_test_file\nCARABINER_DATA=/srv/carabiner\nCARABINER_KEY_FILE=/srv/key\n",
  );
  expect(withConfigFile({ HOME: home })).toMatchObject({
    CARABINER_URL: "http://127.0.0.1:4000",
    CARABINER_API_KEY: "sk_test_file",
    CARABINER_DATA: "/srv/carabiner",
  });
  const env = { HOME: home, CARABINER_API_KEY_FILE: "/run/key", CARABINER_DATABASE_URL: "postgres://db", CARABINER_KEY: "k" };
  expect(withConfigFile(env)).toEqual({ ...env, CARABINER_URL: "http://127.0.0.1:4000" });
});

test("without a file the environment is all there is, and a file that is named must be there", async () => {
  const env = { HOME: home };
  expect(withConfigFile(env)).toBe(env);
  expect(withConfigFile({})).toEqual({});
  const run = await runCommand(["events", "list"], { env: { CARABINER_CONFIG: join(home, "none.env") } });
  expect(run.code).toBe(EXIT_CODES.usage);
  expect(run.err).toMatch(/Cannot read the configuration file .*none\.env: ENOENT/);
});

test("a command uses what the file says, and its option wins", async () => {
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

test("its variables are those that docs/cli.md lists", async () => {
  const text = await readFile(new URL("../../../docs/cli.md", import.meta.url), "utf8");
  const listed = [...text.matchAll(/^\| `(CARABINER_[A-Z_]+)` \|/gm)].map(([, name]) => name as string);
  expect(listed.filter((name) => !CONFIG_VARIABLES.includes(name))).toEqual([]);
  expect(CONFIG_VARIABLES.filter((name) => !listed.includes(name) && !listed.includes(name.replace(/_FILE$/, "")))).toEqual([]);
});
