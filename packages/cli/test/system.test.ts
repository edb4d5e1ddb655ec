import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { EXIT_CODES } from "../src/exit-codes.ts";
import { runCommand } from "./captured-terminal.ts";
import { startCommand } from "./started-command.ts";

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

test("the state of a server is shown while it runs, and of its data when it does not", async () => {
  const directory = mkdtempSync(join(tmpdir(), "carabiner-system-"));
  cleanUp.push(() => rmSync(directory, { recursive: true }));
  const data = ["--data", join(directory, "data")];
  expect((await runCommand(["platforms", "create", "--name", "Acme", ...data])).code).toBe(EXIT_CODES.ok);
  const system = async () => JSON.parse((await runCommand(["system", ...data, "--json"])).out) as { disk: { bytes: number } };
  const expected = {
    ...{ object: "system", version: expect.stringMatching(/^\d+\.\d+\.\d+/), nodes: [] },
    store: { engine: "sqlite", version: expect.stringMatching(/^3\./), schema: expect.any(Number) },
    disk: { bytes: expect.any(Number), free_bytes: expect.any(Number), log_bytes: expect.any(Number), tables: null },
    deliveries: { due: 0, more_due: false, oldest_due_at: null, quarantined: 0 },
    endpoints: { failing: 0, disabled: 0 },
    limits: expect.objectContaining({ eventsKeptMs: 30 * 24 * 3_600_000 }),
  };
  const stopped = await system();
  expect(stopped).toMatchObject(expected);
  expect(stopped.disk.bytes).toBeGreaterThan(100_000);
  const { terminal, ended } = await startCommand("serve", ...data, "--port", "0", "--json", "--log-level", "silent");
  expect(await system()).toMatchObject(expected);
  expect((await runCommand(["system", ...data])).out).toMatch(/store +sqlite 3\.[^\n]*\ndisk +\d[\d.,]* MB/);
  terminal.askToStop();
  expect(await ended).toBe(EXIT_CODES.ok);
});
