import { eachStore } from "../each-store.ts";
import type { ConnectionFault, Direction } from "../fault-proxy.ts";
import { type ProxiedWorld, proxiedWorld, tryOnce } from "../proxied-world.ts";
import type { Row, RowContext, RowResult, Scale } from "../row.ts";
import type { Kind, Node } from "../world.ts";

/** A connection is broken at every multiple of this many bytes. */
const STRIDE: Record<Scale, Record<Direction, number>> = { full: { request: 1, answer: 1 }, quick: { request: 190, answer: 17 } };
/** A stalled connection takes as long as an attempt may, so there are fewer of these. */
const STALLS: Record<Scale, number> = { full: 12, quick: 2 };
/** Deliveries go to the endpoint however often it fails. */
const LIMITS = { attemptDeadlineMs: 400, breakerFailures: 0 };

/** How an attempt over a broken connection may end. */
const BROKEN: Record<ConnectionFault["kind"], readonly string[]> = {
  reset: ["connection_reset", "invalid_response", "succeeded"],
  close: ["connection_reset", "invalid_response", "succeeded"],
  stall: ["timeout", "succeeded"],
  repeat: ["succeeded", "invalid_response"],
  swallow: ["connection_reset"],
};

/** Connections that are reset, ended and stalled at a byte, and bytes that arrive twice. */
export const connectionFaults: Row = {
  number: 19,
  name: "connections that break at a byte",
  run: (context) => eachStore(context, (kind) => breakConnections(kind, context), ["postgresql"]),
};

async function breakConnections(kind: Kind, context: RowContext): Promise<RowResult> {
  const proxied = await proxiedWorld(kind, context);
  const { world } = proxied;
  try {
    const node = await world.startNode({ limits: LIMITS });
    const lengths = await wholeExchange(proxied, node);
    const breaches: string[] = [];
    const outcomes: Record<string, number> = {};
    const faults = faultsOf(lengths, context.scale);
    for (const [at, fault] of faults.entries()) {
      if (at % 200 === 0) context.progress(`${kind}: ${at} of ${faults.length} faults`);
      await proxied.order({ fault });
      const where = `${fault.kind} at byte ${fault.after} of the ${fault.direction}`;
      const outcome = (await tryOnce(world, node))?.delivery.attempts[0]?.outcome ?? "the node ended";
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      if (!BROKEN[fault.kind].includes(outcome)) breaches.push(`${where}: ${outcome}`);
      // An incomplete head must not count as a success.
      if (outcome === "succeeded" && fault.direction === "answer" && fault.kind !== "repeat" && fault.after < lengths.answer)
        breaches.push(`${where}: counts as received`);
    }
    // Bytes that came twice on a connection that stays open must not answer the next request on it.
    await proxied.order({ fault: { kind: "repeat", direction: "answer", after: 0 } });
    await tryOnce(world, node);
    await proxied.order({ fault: null, keep: true });
    for (let n = 0; n < 3; n++) await tryOnce(world, node);

    await proxied.order({});
    await world.runOut();
    const verdict = await world.verdict({ faulty: true });
    return {
      breaches: [...breaches, ...verdict.breaches],
      figures: { ...verdict.figures, positions: faults.length, ...outcomes },
    };
  } finally {
    await proxied.close();
  }
}

/** How many bytes a request and its answer have when nothing goes wrong. */
async function wholeExchange({ world, order, seen }: ProxiedWorld, node: Node): Promise<Record<Direction, number>> {
  await order({});
  await tryOnce(world, node);
  return (await seen()).bytes;
}

function faultsOf(lengths: Record<Direction, number>, scale: Scale): ConnectionFault[] {
  const faults: ConnectionFault[] = [];
  for (const direction of ["request", "answer"] as const) {
    const length = lengths[direction];
    for (const kind of ["reset", "close"] as const)
      for (let after = 0; after < length; after += STRIDE[scale][direction]) faults.push({ kind, direction, after });
    for (let n = 0; n < STALLS[scale]; n++) faults.push({ kind: "stall", direction, after: Math.floor((length * n) / STALLS[scale]) });
  }
  for (const after of [0, 1, Math.floor(lengths.answer / 2), lengths.answer - 1])
    faults.push({ kind: "repeat", direction: "answer", after });
  faults.push({ kind: "repeat", direction: "request", after: 0 });
  return faults;
}
