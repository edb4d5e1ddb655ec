import { dirname, join } from "node:path";
import { startChild } from "../../bench/child.ts";
import { eachStore } from "../each-store.ts";
import type { HandlingStart } from "../handling-receiver.ts";
import { proxiedWorld, tryOnce } from "../proxied-world.ts";
import type { Row, RowContext, RowResult, Scale } from "../row.ts";
import { createDatabase, type Kind, until } from "../world.ts";

const EVENTS: Record<Scale, number> = { full: 200, quick: 10 };

/** Deliveries go to the endpoint however often it fails. */
const LIMITS = { breakerFailures: 0 };

/**
 * The receiver has committed and answers, but the answer is lost on the way. The webhook comes again, and its handler
 * has run only once.
 */
export const answerLost: Row = {
  number: 20,
  name: "the receiver's answer is lost",
  run: (context) => eachStore(context, (kind) => loseAnswers(kind, context), ["postgresql"]),
};

async function loseAnswers(kind: Kind, context: RowContext): Promise<RowResult> {
  const proxied = await proxiedWorld(kind, context);
  const { world } = proxied;
  const database = kind === "sqlite" ? null : await createDatabase(context.postgres.url);
  const start: HandlingStart = {
    inbox: database === null ? { file: join(dirname(world.arrivalsFile), "inbox.db") } : { url: database.url },
    arrivalsFile: world.arrivalsFile,
    secret: world.secret,
  };
  const { child: receiver, hello } = await startChild<{ port: number }>(new URL("../handling-receiver.ts", import.meta.url), [
    JSON.stringify(start),
  ]);
  const handled = async () => (await receiver.ask<{ handled: Record<string, number> }>({ handled: true })).handled;
  try {
    const breaches: string[] = [];
    const node = await world.startNode({ limits: LIMITS });
    await proxied.order({ to: hello.port, fault: { kind: "swallow", direction: "answer", after: 0 } });
    const events: string[] = [];
    for (let n = 0; n < EVENTS[context.scale]; n++) {
      const tried = await tryOnce(world, node);
      if (tried === null) throw new Error("the node ended");
      events.push(tried.event);
      const outcome = tried.delivery.attempts[0]?.outcome;
      if (outcome !== "connection_reset") breaches.push(`an attempt whose answer was lost ended as ${outcome}`);
    }
    await until("the handler to have run for all", async () => Object.keys(await handled()).length === events.length);
    await proxied.order({ to: hello.port });
    await world.runOut();
    const runs = await handled();
    for (const event of events) if (runs[event] !== 1) breaches.push(`the handler ran ${runs[event] ?? 0} times for ${event}`);
    const verdict = await world.verdict({ faulty: false });
    if (verdict.figures.arrived !== 2 * events.length)
      breaches.push(`${verdict.figures.arrived} webhooks came for ${events.length} events`);
    const most = Math.max(...Object.values(runs));
    return { breaches: [...breaches, ...verdict.breaches], figures: { ...verdict.figures, handlerRunsPerEvent: most } };
  } finally {
    await proxied.close();
    await receiver.stop();
    await database?.drop();
  }
}
