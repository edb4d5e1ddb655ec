import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Socket } from "node:net";

/**
 * A receiver that answers 200 to each request and counts: over a raw socket, which does as little as HTTP allows, or,
 * started with `http`, as a plain `node:http` server. Started with `failing`, it answers 500 over a raw socket. It is a
 * separate process with an IPC channel: it says `{ port }` once, then answers `{ wait: N }` with `{ reached }` when it
 * has counted N, and `{ count }` with how many it has counted.
 */
const STATUS = process.argv[2] === "failing" ? "500 Internal Server Error" : "200 OK";
const ANSWER = Buffer.from(`HTTP/1.1 ${STATUS}\r\ncontent-length: 0\r\n\r\n`);
const HEAD_END = Buffer.from("\r\n\r\n");
let count = 0;
let awaited = Number.POSITIVE_INFINITY;

function received(): void {
  count++;
  if (count < awaited) return;
  awaited = Number.POSITIVE_INFINITY;
  process.send?.({ reached: count });
}

const http = createHttpServer((request, response) => {
  request.resume().on("end", () => {
    response.writeHead(200).end();
    received();
  });
});

const raw = createServer({ noDelay: true }, (socket: Socket) => {
  let pending: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    for (;;) {
      const head = pending.indexOf(HEAD_END);
      if (head < 0) return;
      const length = /content-length: *(\d+)/i.exec(pending.toString("latin1", 0, head))?.[1];
      const end = head + HEAD_END.length + Number(length ?? 0);
      if (pending.length < end) return;
      pending = pending.subarray(end);
      socket.write(ANSWER);
      received();
    }
  });
  socket.on("error", () => socket.destroy());
});

const server = process.argv[2] === "http" ? http : raw;
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));

process.on("message", (asked: { wait: number } | { count: true }) => {
  if ("count" in asked) {
    process.send?.({ count });
    return;
  }
  const { wait } = asked;
  if (count >= wait) process.send?.({ reached: count });
  else awaited = wait;
});
process.on("disconnect", () => process.exit());
