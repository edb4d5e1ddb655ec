import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Stripe from "stripe";
import { afterEach, expect, test } from "vitest";
import { sdkOf, startDevProcess } from "./dev-process.ts";

/** The largest file the server may write at first: its log of changes hits that after a few thousand events. */
const FILE_KIB = 6_000;
const BATCH = 200;

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

// Needs prlimit, which Linux has (util-linux): it gives the space back while the server runs.
test("with a full disk calls are answered 503, nothing acknowledged is lost, and free space is all it needs to continue", async () => {
  const directory = mkdtempSync(join(tmpdir(), "carabiner-full-"));
  cleanUp.push(() => rmSync(directory, { recursive: true }));
  const server = await startDevProcess({ args: ["--data", directory], fileKib: FILE_KIB });
  cleanUp.push(() => server.end("SIGKILL"));
  const stripe = sdkOf(server);

  const acknowledged: string[] = [];
  let refusal: unknown = null;
  for (let batch = 0; refusal === null && batch < 100; batch++) {
    const ids = Array.from({ length: BATCH }, (_, n) => `evt_full_${batch}_${n}`);
    try {
      await publish(stripe, ids);
      acknowledged.push(...ids);
    } catch (error) {
      refusal = error;
    }
  }
  expect(refusal).toMatchObject({ statusCode: 503, type: "StripeAPIError", headers: { "stripe-should-retry": "true" } });
  expect(acknowledged.length).toBeGreaterThan(BATCH);

  // Looking still works, and what was refused is not there.
  const refused = `evt_full_${acknowledged.length / BATCH}_0`;
  await expect(stripe.events.retrieve(refused)).rejects.toMatchObject({ statusCode: 404 });
  await expect(publish(stripe, ["evt_still_full_000000000000"], 1_000)).rejects.toMatchObject({ statusCode: 503 });

  execFileSync("prlimit", ["--pid", String(server.process.pid), "--fsize=unlimited"]);
  await publish(stripe, ["evt_space_again"]);
  for (const id of [...acknowledged.filter((_, n) => n % 97 === 0), acknowledged.at(-1) as string, "evt_space_again"])
    expect((await stripe.events.retrieve(id)).id).toBe(id);
}, 60_000);

function publish(stripe: Stripe, ids: readonly string[], times = 1): Promise<unknown> {
  const note = "x".repeat(1_000 * Math.min(times, 900));
  const events = ids.map((id) => ({ id, type: "payout.updated", data: { object: { id: "po_1", object: "payout", note } } }));
  return stripe.rawRequest("POST", "/v1/events", { events });
}
