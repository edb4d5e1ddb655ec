import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CLI, programForTests } from "../../../scripts/program-for-tests.ts";
import { EXIT_CODES } from "../src/exit-codes.ts";
import { runCommand } from "./captured-terminal.ts";

const MAIN = programForTests(CLI);

let directory: string;
/** A file that is open for reading alone: each write to it fails, as on a full disk. */
let unwritable: number;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "carabiner-unwritable-"));
  expect((await runCommand(["platforms", "create", "--name", "Acme", "--data", directory])).code).toBe(EXIT_CODES.ok);
  writeFileSync(join(directory, "output"), "");
  unwritable = openSync(join(directory, "output"), "r");
});
afterAll(() => {
  closeSync(unwritable);
  rmSync(directory, { recursive: true });
});

async function run(args: readonly string[], stdout: "pipe" | number, stderr: "pipe" | "gone" | number) {
  const child = spawn(process.execPath, [MAIN, ...args, "--data", directory], {
    stdio: ["ignore", stdout, stderr === "gone" ? "pipe" : stderr],
  });
  if (stderr === "gone") child.stderr?.destroy();
  const read = async (stream: typeof child.stdout) => (stream === null || stream.destroyed ? "" : text(stream));
  const [out, err, [code]] = await Promise.all([read(child.stdout), read(child.stderr), once(child, "exit")]);
  return { out, err, code: code as number };
}

test("unreadable messages do not change what a command does, or how it ends", async () => {
  const made = await run(["platforms", "create", "--name", "Second"], "pipe", unwritable);
  expect(made).toMatchObject({ code: EXIT_CODES.ok, out: expect.stringContaining("sk_live_") });
  expect(await run(["platforms", "show", "acct_none"], "pipe", "gone")).toMatchObject({ code: EXIT_CODES.notFound });
});

test("output that cannot be written is an error of one line", async () => {
  const listed = await run(["platforms", "list"], unwritable, "pipe");
  expect(listed).toMatchObject({
    code: EXIT_CODES.error,
    err: expect.stringMatching(/^error: Not all of the output could be written: E[A-Z]+\.\n$/),
  });
});

test("a server whose log cannot be written continues, and ends when it is asked to", async () => {
  const server = spawn(process.execPath, [MAIN, "serve", "--data", directory, "--port", "0", "--json"], {
    stdio: ["ignore", "pipe", unwritable],
  });
  const exit = once(server, "exit");
  const deadline = AbortSignal.timeout(20_000);
  try {
    const [said] = (await once(server.stdout as NonNullable<typeof server.stdout>, "data")) as [Buffer];
    const { url } = JSON.parse(said.toString()) as { url: string };
    // Each is a line of the log.
    for (let n = 0; n < 3; n++) {
      const created = await runCommand(["platforms", "create", "--name", `Third ${n}`, "--data", directory]);
      expect(created.code).toBe(EXIT_CODES.ok);
      expect((await fetch(`${url}/readyz`, { signal: deadline })).status).toBe(200);
    }
    server.kill("SIGTERM");
    expect(await exit).toEqual([0, null]);
  } finally {
    server.kill("SIGKILL");
  }
});
