import { createServer, type Socket } from "node:net";

/**
 * A receiver that does as little as HTTP allows: answers 200 to each request and counts. Its own process, started
 * with an IPC channel: says `{ port }` once, then answers `"count"` with `{ count }` and `"wait" N` with `{ reached }`.
 */
const ANSWER = Buffer.from("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
const HEAD_END = Buffer.from("\r\n\r\n");
let count = 0;
let awaited = Number.POSITIVE_INFINITY;

const server = createServer({ noDelay: true }, (socket: Socket) => {
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
      count++;
      socket.write(ANSWER);
      if (count >= awaited) {
        awaited = Number.POSITIVE_INFINITY;
        process.send?.({ reached: count });
      }
    }
  });
  socket.on("error", () => socket.destroy());
});

server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as { port: number }).port }));

process.on("message", (message: "count" | { wait: number }) => {
  if (message === "count") process.send?.({ count });
  else if (count >= message.wait) process.send?.({ reached: count });
  else awaited = message.wait;
});
process.on("disconnect", () => process.exit());
