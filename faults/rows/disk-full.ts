import pg from "pg";
import { liftFileLimit, mountSmallDisk, underFileLimit } from "../disk.ts";
import { eachStore } from "../each-store.ts";
import { startLoad } from "../load.ts";
import type { Row, RowContext, RowResult, Scale } from "../row.ts";
import { type Kind, type Node, until, World } from "../world.ts";

/** SQLite's log of changes reaches that size after a few thousand events. */
const FILE_KIB = 4_000;
const DISK_MIB = 12;
const ROOMY_MIB = 256;
/** How many calls that only read are made. One of them must be answered. */
const LOOKS = 10;
const REFUSALS: Record<Scale, number> = { full: 100, quick: 10 };

/**
 * The disk is full: calls are refused, nothing acknowledged is lost, and free space is all that is needed to continue.
 */
export const diskFull: Row = {
  number: 8,
  name: "a full disk",
  // PostgreSQL's tables are put on a small file system, which only root can mount. So this is part of full runs only.
  run: (context) => eachStore(context, (kind) => fill(kind, context), ["sqlite"]),
};

async function fill(kind: Kind, context: RowContext): Promise<RowResult> {
  const world = await World.create(kind, context);
  const disk = kind === "sqlite" ? null : mountSmallDisk(DISK_MIB, "postgres");
  try {
    if (disk !== null) await moveTo(world, context, disk.folder);
    const node: Node = await world.startNode({}, disk === null ? underFileLimit(FILE_KIB) : []);
    const load = startLoad(world, () => [node]);
    await until("the disk to be full", () => load.refusals > REFUSALS[context.scale]);
    const acknowledgedBefore = world.acknowledged.size;
    const breaches: string[] = [];
    // Reading needs no space. A read that shares the transaction of a failing write is refused together with it, and
    // must be repeated.
    let looksRefused = 0;
    while (looksRefused < LOOKS && (await world.call(node, "GET", "/v1/events?limit=1")).status !== 200) looksRefused++;
    if (looksRefused === LOOKS) breaches.push(`${LOOKS} calls that only look were refused`);
    if (disk === null) liftFileLimit(node.child.pid);
    else disk.resize(ROOMY_MIB);
    const began = performance.now();
    const known = world.acknowledged.size;
    await until("acknowledgements once there is room", () => world.acknowledged.size > known + 50);
    const recoverMs = Math.round(performance.now() - began);
    if (!world.isUp(node)) breaches.push("the node ended");
    await load.stop();
    await world.drained();
    await world.settled(node);
    // Deliveries that were sent while their outcome could not be stored are sent again.
    const verdict = await world.verdict({ faulty: true });
    return {
      breaches: [...breaches, ...verdict.breaches],
      figures: { ...verdict.figures, acknowledgedBefore, refusals: load.refusals, looksRefused, recoverMs },
    };
  } finally {
    await world.close();
    if (disk !== null) {
      await dropTablespace(context);
      disk.remove();
    }
  }
}

const TABLESPACE = "carabiner_small";

/** Puts the world's database on another disk. */
async function moveTo(world: World, { postgres }: RowContext, folder: string): Promise<void> {
  if (!("url" in world.location)) throw new Error("a world on PostgreSQL has a URL");
  const database = new URL(world.location.url).pathname.slice(1);
  await onServer(postgres.url, `CREATE TABLESPACE ${TABLESPACE} LOCATION '${folder}'`);
  await onServer(postgres.url, `ALTER DATABASE ${database} SET TABLESPACE ${TABLESPACE}`);
}

const dropTablespace = ({ postgres }: RowContext): Promise<void> => onServer(postgres.url, `DROP TABLESPACE IF EXISTS ${TABLESPACE}`);

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
