import { openSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { recordArrival } from "./record-arrival.ts";

/**
 * A receiver that records each webhook, and has it on disk before it answers 200. Started with the file to write to.
 * Says `{ port }`. After `{ secret }`, it verifies with that secret; `{ hold: true }` holds back the answers until `{
 * hold: false }`; `{ count: true }` answers how many requests and how many events there were; `{ wait: N }` answers
 * once there were N requests.
 */
const file = openSync(process.argv[2] as string, "a");
const events = new Set<string>();
let requests = 0;
let secret = "";
let held: ServerResponse[] | null = null;
let awaited = Number.POSITIVE_INFINITY;

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const body = Buffer.concat(chunks);
    events.add(recordArrival(file, secret, body, request.headers["stripe-signature"]));
    requests++;
    if (requests >= awaited) {
      awaited = Number.POSITIVE_INFINITY;
      process.send?.({ requests });
    }
    if (held !== null) held.push(response);
    else answer(response);
  });
});

/** Only a head: a client that has all of it has the whole answer. */
function answer(response: ServerResponse): void {
  response.writeHead(200, { "content-length": 0 }).end();
}

process.on("message", (asked: { secret: string } | { hold: boolean } | { count: true } | { wait: number }) => {
  if ("secret" in asked) {
    secret = asked.secret;
    process.send?.({ ok: true });
  } else if ("hold" in asked) {
    for (const response of held ?? []) answer(response);
    held = asked.hold ? [] : null;
    process.send?.({ ok: true });
  } else if ("count" in asked) process.send?.({ requests, events: events.size });
  else if (requests >= asked.wait) process.send?.({ requests });
  else awaited = asked.wait;
});
process.on("disconnect", () => process.exit());
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
