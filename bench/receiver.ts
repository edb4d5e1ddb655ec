import { startPostgres } from "../scripts/postgres-for-tests.ts";
import { startChild } from "./child.ts";
import type { ReceivingKind } from "./receiving.ts";
import { median, medianRatio, type Report, rate } from "./report.ts";

const WEBHOOKS = 2_000;
const ROUNDS = 3;
const IN_FLIGHT = 32;
const SECRET = "whsec_0123456789abcdefghijklmnopqrstuv";

/** What a commit waits for. */
const SETTINGS: Readonly<Record<Exclude<ReceivingKind, "bare">, string>> = {
  memory: "nothing kept",
  SQLite: "one file, synchronous=FULL",
  PostgreSQL: "on this machine, fsync on",
};

/** Webhooks a second that are verified, stored, handled and answered, beside the same Express route with `constructEvent` alone. */
export async function receiver(): Promise<Report[]> {
  const postgres = await startPostgres();
  try {
    const reports: Report[] = [];
    for (const kind of ["memory", "SQLite", "PostgreSQL"] as const) reports.push(await receiving(kind, postgres.url));
    return reports;
  } finally {
    await postgres.stop();
  }
}

async function receiving(kind: Exclude<ReceivingKind, "bare">, url: string): Promise<Report> {
  const { child: bare, hello: bareAt } = await startChild<{ port: number }>("./receiving.ts", ["bare", SECRET, "any"]);
  const { child: ours, hello: oursAt } = await startChild<{ port: number }>("./receiving.ts", [kind, SECRET, "any", url]);
  const { child: sender } = await startChild("./webhook-sender.ts", [SECRET, String(IN_FLIGHT)]);
  try {
    const bareRates: number[] = [];
    const ourRates: number[] = [];
    const answeredRates: number[] = [];
    let bytes = 0;
    // The first round warms up both.
    for (let round = 0; round <= ROUNDS; round++) {
      ({ bytes } = await sender.ask<{ bytes: number }>({ prepare: WEBHOOKS }));
      const toBare = await sender.ask<{ ms: number }>({ port: bareAt.port });
      await sender.ask({ prepare: WEBHOOKS });
      const started = performance.now();
      // What is answered is stored; what did not fit at once is handled a little later.
      const handled = ours.ask({ wait: (round + 1) * WEBHOOKS });
      await sender.ask({ port: oursAt.port });
      const answeredMs = performance.now() - started;
      await handled;
      const handledMs = performance.now() - started;
      if (round === 0) continue;
      bareRates.push(rate(WEBHOOKS, toBare.ms));
      ourRates.push(rate(WEBHOOKS, handledMs));
      answeredRates.push(rate(WEBHOOKS, answeredMs));
    }
    return {
      name: `received, ${kind} inbox`,
      ours: median(ourRates),
      bare: median(bareRates),
      ratio: medianRatio(ourRates, bareRates),
      reach: null,
      unit: "webhooks/s",
      settings: `answered ${Math.round(median(answeredRates)).toLocaleString("en")}/s; ${WEBHOOKS} events of ${bytes} bytes, ${IN_FLIGHT} in flight, Express, ${SETTINGS[kind]}, ${ROUNDS} rounds`,
    };
  } finally {
    await Promise.all([sender.stop(), bare.stop(), ours.stop()]);
  }
}
