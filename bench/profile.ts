import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startChild } from "./child.ts";
import { type SelfTimes, selfTimes, total } from "./cpu-profile.ts";
import { createEndpoint } from "./create-endpoint.ts";
import type { Report } from "./report.ts";
import { threadTimes, timeBetween } from "./thread-times.ts";

/** What is measured. As many operations run before as a warm-up. */
const WORKS = [
  { name: "create", operations: 12_000, begin: beginCreates },
  { name: "publish", operations: 12_000, begin: (at: Server) => beginPublishes(at, 1, 64) },
  { name: "delivery", operations: 40_000, begin: (at: Server) => beginPublishes(at, 500, 2) },
] satisfies { name: string; operations: number; begin(at: Server): Promise<Load> }[];

/** Places with a smaller share of their thread are merged into one row. */
const SHARE_SHOWN = 0.015;

/** How often V8 samples a thread, in microseconds. */
const INTERVAL = 200;

interface Server {
  url: string;
  key: string;
  pid: number;
  idle(): Promise<unknown>;
}

interface Load {
  run(operations: number): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Where processor time goes for a create, for an event published alone, and for a delivery published in a batch, on one
 * SQLite file: by thread, and by file or package. Linux counts each thread's processor time. V8's profiler divides it
 * by where it sees the thread, which includes waiting for the disk. A native function counts for the file that calls
 * it, so `connection.ts` includes SQLite and the disk.
 */
export async function profile(): Promise<Report[]> {
  const reports: Report[] = [];
  for (const work of WORKS) reports.push(...(await profileOf(work)));
  return reports;
}

async function profileOf({ name, operations, begin }: (typeof WORKS)[number]): Promise<Report[]> {
  const folder = mkdtempSync(join(tmpdir(), "carabiner-profile-"));
  try {
    const { child: server, hello } = await startChild<{ url: string; key: string }>("./server-process.ts", ["{}"], {
      nodeOptions: ["--cpu-prof", `--cpu-prof-dir=${folder}`, `--cpu-prof-interval=${INTERVAL}`],
    });
    const load = await begin({ ...hello, pid: server.pid, idle: () => server.ask("idle") });
    await load.run(operations);
    const before = threadTimes(server.pid);
    const from = microseconds();
    await load.run(operations);
    const span = { from, to: microseconds() };
    const { main, sender, others } = timeBetween(server.pid, before, threadTimes(server.pid));
    await server.stop();
    await load.stop();
    const profiles = selfTimes(folder, span);
    const settings = `${operations} operations on one SQLite file, synchronous=FULL`;
    const of = (what: string, spent: number): Report => ({
      name: `${name}: ${what}`,
      ours: spent / operations,
      bare: null,
      ratio: null,
      reach: null,
      unit: "µs",
      settings: "",
    });
    return [
      { ...of("main thread", main), settings },
      ...rowsOf(profiles.get(0), main).map(([place, spent]) => of(`main, ${place}`, spent)),
      of("sender's thread", sender),
      ...rowsOf(profiles.get(1), sender).map(([place, spent]) => of(`sender, ${place}`, spent)),
      of("V8's and the disk's own threads", others),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The places of a thread, which together took `spent` microseconds. */
function rowsOf(times: SelfTimes | undefined, spent: number): [place: string, microseconds: number][] {
  if (times === undefined || spent === 0) return [];
  const all = total(times);
  const shares = [...times].map(([place, time]) => [place, time / all] as const).sort(([, one], [, other]) => other - one);
  const shown = shares.filter(([, share]) => share >= SHARE_SHOWN);
  const rest = shown.reduce((left, [, share]) => left - share, 1);
  return [...shown, ["the rest", rest] as const].map(([place, share]) => [place, share * spent]);
}

/** The monotonic clock, as profiles have it. */
const microseconds = (): number => Number(process.hrtime.bigint() / 1_000n);

async function beginCreates({ url, key }: Server): Promise<Load> {
  const { child: client } = await startChild("./form-client.ts", ["32"]);
  return {
    run: (posts) => client.ask({ url, key, posts }),
    stop: () => client.stop(),
  };
}

async function beginPublishes(at: Server, batch: number, requests: number): Promise<Load> {
  const { child: sink, hello } = await startChild<{ port: number }>("./sink.ts", ["raw"]);
  const { child: publisher } = await startChild("./publisher.ts", [at.url, at.key, String(batch), String(requests)]);
  await createEndpoint(at, `http://127.0.0.1:${hello.port}/hook`);
  let received = 0;
  return {
    async run(events) {
      received += events;
      const reached = sink.ask({ wait: received });
      await publisher.ask({ events });
      await reached;
      await at.idle();
    },
    async stop() {
      await Promise.all([publisher.stop(), sink.stop()]);
    },
  };
}
