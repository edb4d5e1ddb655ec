import { startPostgres } from "../scripts/postgres-for-tests.ts";
import { startChild } from "./child.ts";
import type { HandlerKind, ReceivingKind } from "./receiving.ts";
import { median, medianRatio, type Report, rate } from "./report.ts";

const WEBHOOKS = 2_000;
const ROUNDS = 3;
const IN_FLIGHT = 32;
const SECRET = "whsec_0123456789abcdefghijklmnopqrstuv";

type InboxKind = Exclude<ReceivingKind, "bare">;

/** What a commit waits for, and the required share of the bare route's rate. */
const INBOXES: Readonly<Record<InboxKind, { settings: string; reach: number; handlers: readonly HandlerKind[] }>> = {
  memory: { settings: "nothing kept", reach: 0.75, handlers: ["any", "latest"] },
  SQLite: { settings: "one file, synchronous=FULL", reach: 0.4, handlers: ["any", "latest", "tx"] },
  PostgreSQL: { settings: "on this machine, fsync on", reach: 0.35, handlers: ["any", "latest", "tx"] },
};

/** What the handler does. */
const HANDLERS: Readonly<Record<HandlerKind, string>> = {
  any: "order any",
  latest: "order latest",
  tx: "order any, a write of the handler's in tx",
};

/**
 * Webhooks a second that are verified, stored, handled and answered, compared with the same Express route with only
 * `constructEvent`.
 */
export async function receiver(): Promise<Report[]> {
  const postgres = await startPostgres();
  try {
    const reports: Report[] = [];
    for (const kind of Object.keys(INBOXES) as InboxKind[]) {
      for (const handler of INBOXES[kind].handlers) reports.push(await receiving(kind, handler, postgres.url));
    }
    return reports;
  } finally {
    await postgres.stop();
  }
}

async function receiving(kind: InboxKind, handler: HandlerKind, url: string): Promise<Report> {
  const { child: bare, hello: bareAt } = await startChild<{ port: number }>("./receiving.ts", ["bare", SECRET, handler]);
  const { child: ours, hello: oursAt } = await startChild<{ port: number }>("./receiving.ts", [kind, SECRET, handler, url]);
  const { child: sender } = await startChild("./webhook-sender.ts", [SECRET, String(IN_FLIGHT)]);
  const busy = async (child: typeof ours): Promise<number> => (await child.ask<{ us: number }>({ cpu: true })).us;
  try {
    const bareRates: number[] = [];
    const ourRates: number[] = [];
    const answeredRates: number[] = [];
    const bareBusy: number[] = [];
    const ourBusy: number[] = [];
    let bytes = 0;
    // The first round warms up both.
    for (let round = 0; round <= ROUNDS; round++) {
      ({ bytes } = await sender.ask<{ bytes: number }>({ prepare: WEBHOOKS }));
      const bareBefore = await busy(bare);
      const toBare = await sender.ask<{ ms: number }>({ port: bareAt.port });
      const bareAfter = await busy(bare);
      await sender.ask({ prepare: WEBHOOKS });
      const ourBefore = await busy(ours);
      const started = performance.now();
      // Answered webhooks are stored; those that did not fit at once are handled a little later.
      const handled = ours.ask({ wait: (round + 1) * WEBHOOKS });
      await sender.ask({ port: oursAt.port });
      const answeredMs = performance.now() - started;
      await handled;
      const handledMs = performance.now() - started;
      const ourAfter = await busy(ours);
      if (round === 0) continue;
      bareRates.push(rate(WEBHOOKS, toBare.ms));
      ourRates.push(rate(WEBHOOKS, handledMs));
      answeredRates.push(rate(WEBHOOKS, answeredMs));
      bareBusy.push((bareAfter - bareBefore) / WEBHOOKS);
      ourBusy.push((ourAfter - ourBefore) / WEBHOOKS);
    }
    const { settings, reach } = INBOXES[kind];
    return {
      name: `received, ${kind}, ${handler}`,
      ours: median(ourRates),
      bare: median(bareRates),
      ratio: medianRatio(ourRates, bareRates),
      reach: handler === "any" ? { atLeast: reach } : null,
      unit: "webhooks/s",
      settings: `answered ${Math.round(median(answeredRates)).toLocaleString("en")}/s; processor ${median(ourBusy).toFixed(0)} µs a webhook, bare ${median(bareBusy).toFixed(0)}, ratio ${medianRatio(bareBusy, ourBusy).toFixed(2)}; ${WEBHOOKS} events of ${bytes} bytes, ${HANDLERS[handler]}, ${IN_FLIGHT} in flight, Express, ${settings}, ${ROUNDS} rounds`,
    };
  } finally {
    await Promise.all([sender.stop(), bare.stop(), ours.stop()]);
  }
}
