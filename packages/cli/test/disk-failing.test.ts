import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { type ServerProcess, sdkOf, startDevProcess } from "./dev-process.ts";

/** Syncs that succeed: those of the start, and of some calls. */
const SYNCS = 60;
const CALLS_AT_MOST = 200;
const REFUSALS = 10;

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

test("with a disk whose syncs fail every call is answered 503, and everything acknowledged before exists after a restart", async () => {
  const directory = mkdtempSync(join(tmpdir(), "carabiner-eio-"));
  cleanUp.push(() => rmSync(directory, { recursive: true }));
  const failing = await startDevProcess({ args: ["--data", directory], syncs: SYNCS });
  cleanUp.push(() => failing.end("SIGKILL"));

  const acknowledged: string[] = [];
  const refused: unknown[] = [];
  for (let call = 0; refused.length < REFUSALS && call < CALLS_AT_MOST; call++) {
    try {
      acknowledged.push((await sdkOf(failing).customers.create({ name: `Customer ${call}` })).id);
      // Once it has failed nothing is acknowledged any more: a sync that seems to succeed again proves nothing of the
      // one before.
      expect(refused).toEqual([]);
    } catch (error) {
      refused.push(error);
    }
  }
  expect(acknowledged.length).toBeGreaterThan(0);
  expect(refused).toHaveLength(REFUSALS);
  for (const error of refused)
    expect(error).toMatchObject({
      statusCode: 503,
      message: expect.stringContaining("same idempotency key"),
      headers: { "retry-after": "1" },
    });
  // Looking still works, and does not show what was refused.
  expect(await customers(failing)).toEqual(acknowledged.toReversed());
  cleanUp.pop();
  await failing.end("SIGKILL");

  const mended = await startDevProcess({ args: ["--data", directory] });
  cleanUp.push(() => mended.end("SIGKILL"));
  expect(await customers(mended)).toEqual(expect.arrayContaining(acknowledged));
  await sdkOf(mended).customers.create({ name: "after" });
}, 60_000);

async function customers(server: ServerProcess): Promise<string[]> {
  return (await Array.fromAsync(sdkOf(server).customers.list({ limit: 100 }))).map(({ id }) => id);
}
