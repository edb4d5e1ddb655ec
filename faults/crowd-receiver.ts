import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What it has seen: on all paths together, or on the path that saw most. */
export interface CrowdSeen {
  requests: number;
  refused: number;
  /** How many different webhooks it accepted, by path and event. */
  taken: number;
  /** How many webhooks it accepted again. */
  again: number;
  mostAtOnce: number;
  mostPerSecond: number;
}

/** How long it takes to answer, so that it can observe concurrent requests. */
const ANSWER_MS = 5;
/** How much of a body is enough to identify its event. */
const EVENT_ID = /"id": "(evt_\w+)"/;

interface PathSeen {
  taken: Map<string, number>;
  atOnce: number;
  second: number;
  inSecond: number;
}

/**
 * A receiver for many endpoints, each with its own path. A program: says `{ port }`. After `{ up: false }` it answers
 * everything 503, and 200 after `{ up: true }`; asked `{ seen: true }`, it answers a `CrowdSeen`.
 */
const paths = new Map<string, PathSeen>();
const seen = { requests: 0, refused: 0, mostAtOnce: 0, mostPerSecond: 0 };
let up = true;

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => take(pathOf(request.url ?? ""), Buffer.concat(chunks).toString(), response));
});

function pathOf(url: string): PathSeen {
  let path = paths.get(url);
  if (path === undefined) {
    path = { taken: new Map(), atOnce: 0, second: 0, inSecond: 0 };
    paths.set(url, path);
  }
  return path;
}

function take(path: PathSeen, body: string, response: ServerResponse): void {
  seen.requests++;
  const second = Math.floor(performance.now() / 1_000);
  path.inSecond = path.second === second ? path.inSecond + 1 : 1;
  path.second = second;
  path.atOnce++;
  seen.mostAtOnce = Math.max(seen.mostAtOnce, path.atOnce);
  seen.mostPerSecond = Math.max(seen.mostPerSecond, path.inSecond);
  if (up) {
    const event = EVENT_ID.exec(body)?.[1] ?? "";
    path.taken.set(event, (path.taken.get(event) ?? 0) + 1);
  } else seen.refused++;
  const status = up ? 200 : 503;
  setTimeout(() => {
    path.atOnce--;
    response.writeHead(status).end();
  }, ANSWER_MS);
}

process.on("message", (asked: { up: boolean } | { seen: true }) => {
  if ("up" in asked) {
    up = asked.up;
    process.send?.({ ok: true });
    return;
  }
  let taken = 0;
  let again = 0;
  for (const path of paths.values()) {
    taken += path.taken.size;
    for (const times of path.taken.values()) again += times - 1;
  }
  process.send?.({ ...seen, taken, again } satisfies CrowdSeen);
});
process.on("disconnect", () => process.exit());
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
