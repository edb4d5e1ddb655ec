import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A profile written by V8. Source: https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile */
interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string }; children?: number[] }[];
  /** Microseconds of the monotonic clock, like all times here. */
  startTime: number;
  samples: number[];
  timeDeltas: number[];
}

/** The period to count, in microseconds of the monotonic clock. */
export interface Span {
  from: number;
  to: number;
}

/** The microseconds that one thread spent in each place, without its callees, by the name of the place. */
export type SelfTimes = Map<string, number>;

const REPOSITORY = fileURLToPath(new URL("..", import.meta.url));

/** Entries of V8 that are not work. */
const IDLE = new Set(["(idle)", "(root)"]);

/**
 * The self time of each thread that `node --cpu-prof` wrote a profile of into a folder, by the thread's number in
 * Node.js: 0 is the main thread. A native function counts for the file that calls it.
 */
export function selfTimes(folder: string, span: Span): Map<number, SelfTimes> {
  const threads = new Map<number, SelfTimes>();
  for (const name of readdirSync(folder)) {
    // CPU.<date>.<time>.<process>.<thread>.<number>.cpuprofile
    const thread = /\.(\d+)\.\d+\.cpuprofile$/.exec(name)?.[1];
    if (thread !== undefined) threads.set(Number(thread), timesOf(JSON.parse(readFileSync(join(folder, name), "utf8")) as Profile, span));
  }
  return threads;
}

export const total = (times: SelfTimes): number => [...times.values()].reduce((sum, microseconds) => sum + microseconds, 0);

function timesOf({ nodes, startTime, samples, timeDeltas }: Profile, { from, to }: Span): SelfTimes {
  const places = new Map<number, string>();
  const parents = new Map<number, number>();
  const byId = new Map(nodes.map((node) => [node.id, node]));
  for (const { id, children = [] } of nodes) for (const child of children) parents.set(child, id);
  for (const { id } of nodes) places.set(id, placeOf(id));
  const times: SelfTimes = new Map();
  let now = startTime;
  for (const [at, id] of samples.entries()) {
    now += timeDeltas[at] ?? 0;
    const place = places.get(id) ?? "";
    // A sample represents the time until the next one.
    if (now < from || now > to || IDLE.has(place)) continue;
    times.set(place, (times.get(place) ?? 0) + (timeDeltas[at + 1] ?? 0));
  }
  return times;

  function placeOf(id: number): string {
    const { functionName, url } = byId.get(id)?.callFrame ?? { functionName: "", url: "" };
    const caller = parents.get(id);
    if (url === "" && !functionName.startsWith("(") && caller !== undefined) return placeOf(caller);
    return url === "" ? functionName : shortName(url);
  }
}

/** Our files by path, others by package. */
function shortName(url: string): string {
  if (url.startsWith("node:")) return url;
  const path = url.startsWith("file:") ? fileURLToPath(url) : url;
  const inPackage = /node_modules\/((?:@[^/]+\/)?[^/]+)(?!.*node_modules)/.exec(path)?.[1];
  if (inPackage !== undefined) return inPackage;
  return path.startsWith(REPOSITORY) ? path.slice(REPOSITORY.length) : path;
}
