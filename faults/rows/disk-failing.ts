import { type SyncFault, strikeSyncs, underSyncFault } from "../disk.ts";
import { eachStore } from "../each-store.ts";
import { startLoad } from "../load.ts";
import type { Row, RowContext, RowResult, Scale } from "../row.ts";
import { type Kind, type Node, until, World } from "../world.ts";

/** How many syncs of a thread succeed: those of the start, and of some calls. */
const GOOD_SYNCS = { fails: 120, slow: 20 };
const REFUSALS: Record<Scale, number> = { full: 200, quick: 20 };
const SLOW_SYNC_MS = 300;
/** How many acknowledgements there are with a disk that slow. */
const SLOW_ACKNOWLEDGED: Record<Scale, number> = { full: 1_000, quick: 40 };

/**
 * Syncs that fail: nothing is acknowledged from then on. Syncs that take long: everything takes longer, and nothing
 * else changes.
 */
export const diskFailing: Row = {
  number: 7,
  name: "a disk whose syncs fail, and one whose syncs are slow",
  // The faults hit PostgreSQL's own processes while they run, which only root may do. So this is part of full runs
  // only.
  run: (context) =>
    eachStore(
      context,
      async (kind) => {
        const failing = await world(kind, context, "fails");
        const slow = await world(kind, context, { delayMs: SLOW_SYNC_MS });
        const figures: RowResult["figures"] = {};
        for (const [name, value] of Object.entries(failing.figures)) figures[`failing.${name}`] = value;
        for (const [name, value] of Object.entries(slow.figures)) figures[`slow.${name}`] = value;
        return { breaches: [...failing.breaches, ...slow.breaches], figures };
      },
      ["sqlite"],
    ),
};

async function world(kind: Kind, context: RowContext, fault: SyncFault): Promise<RowResult> {
  context.progress(`${kind}: syncs ${fault === "fails" ? "that fail" : `of ${fault.delayMs} ms`}`);
  const made = await World.create(kind, context);
  try {
    return await (fault === "fails" ? failing(made, kind, context) : slow(made, kind, context, fault));
  } finally {
    await made.close();
  }
}

async function failing(world: World, kind: Kind, context: RowContext): Promise<RowResult> {
  const breaches: string[] = [];
  const node = await world.startNode({}, kind === "sqlite" ? underSyncFault("fails", GOOD_SYNCS.fails) : []);
  const load = startLoad(world, () => [node]);
  await until("some acknowledgements", () => world.acknowledged.size > 100 || load.refusals > 0);
  const mend = kind === "sqlite" ? async () => undefined : await strikeSyncs(postgresOf(context).pids(), "fails");
  // A sync that seems to succeed after one that failed proves nothing, so after the first refusal there must be only
  // refusals.
  await until("a refusal", () => load.refusals > 0);
  const known = world.acknowledged.size;
  const before = load.refusals;
  await until("many refusals", () => load.refusals >= before + REFUSALS[context.scale]);
  const acknowledgedAfter = world.acknowledged.size - known;
  if (acknowledgedAfter > 0) breaches.push(`${acknowledgedAfter} events were acknowledged after a sync had failed`);
  await load.stop();
  await world.endNode(node, "SIGKILL");
  await mend();
  if (kind === "postgresql") {
    // It has ended its processes at the first failure, as it should.
    await postgresOf(context).crash();
    await postgresOf(context).startAgain();
  }
  return finish(world, breaches, { acknowledgedAfterFailure: acknowledgedAfter, refusals: load.refusals });
}

async function slow(world: World, kind: Kind, context: RowContext, fault: { delayMs: number }): Promise<RowResult> {
  const node = await world.startNode({}, kind === "sqlite" ? underSyncFault(fault, GOOD_SYNCS.slow) : []);
  const mend = kind === "sqlite" ? async () => undefined : await strikeSyncs(postgresOf(context).pids(), fault);
  let publishMs = 0;
  for (let n = 0; n < 2 * GOOD_SYNCS.slow && publishMs < fault.delayMs; n++) {
    const asked = performance.now();
    await world.publishMany(node, 1);
    publishMs = Math.max(publishMs, Math.round(performance.now() - asked));
  }
  const known = world.acknowledged.size;
  const began = performance.now();
  const load = startLoad(world, () => [node]);
  await until("acknowledgements all the same", () => world.acknowledged.size >= known + SLOW_ACKNOWLEDGED[context.scale]);
  await load.stop();
  const perSecond = Math.round(((world.acknowledged.size - known) * 1_000) / (performance.now() - began));
  await world.drained();
  await mend();
  await world.endNode(node, "SIGTERM");
  const breaches = load.refusals > 0 ? [`${load.refusals} calls were refused by a node whose disk is only slow`] : [];
  if (publishMs < fault.delayMs)
    breaches.push(`no publish took longer than ${publishMs} ms: the disk was not slow, and this shows nothing`);
  return finish(world, breaches, { acknowledgedPerSecond: perSecond, publishMs, refusals: load.refusals });
}

/** A healthy node takes care of the rest. */
async function finish(world: World, breaches: string[], figures: RowResult["figures"]): Promise<RowResult> {
  const sound: Node = await world.startNode({ limits: { nodeBeatMs: 200, nodeGoneMs: 1_000 } });
  await world.drained();
  await world.settled(sound);
  const verdict = await world.verdict({ faulty: true });
  return { breaches: [...breaches, ...verdict.breaches], figures: { ...verdict.figures, ...figures } };
}

function postgresOf({ postgres }: RowContext) {
  if (postgres.own === null) throw new Error("this row needs a PostgreSQL server of its own: unset CARABINER_TEST_DATABASE_URL");
  return postgres.own;
}
