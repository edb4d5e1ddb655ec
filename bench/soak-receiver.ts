import { type AddressInfo, createServer, type Socket } from "node:net";

/**
 * Receivers for a soak, in one process: `/good` answers 200, `/failing` answers 500, and connections to other paths are
 * cut off. Says `{ port }` once. Asked `{ report: true }`, answers what arrived at `/good`: how many events, each
 * counted once, and how long each took since it was published, in milliseconds, since the last report. Asked `{ cut:
 * true }`, cuts all its connections.
 */
const HEAD_END = Buffer.from("\r\n\r\n");
const OK = Buffer.from("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
const FAILS = Buffer.from("HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n");

/** One bit for the number of each event that arrived at `/good`. */
let arrived = new Uint8Array(1_024);
let distinct = 0;
let tookMs: number[] = [];
const sockets = new Set<Socket>();

function good(body: string): void {
  const [, number = "", at = ""] = /"soak_(\d+)_(\d+)"/.exec(body) ?? [];
  const n = Number(number);
  if (n >> 3 >= arrived.length) {
    const larger = new Uint8Array(2 * Math.max(arrived.length, n >> 3));
    larger.set(arrived);
    arrived = larger;
  }
  const bit = 1 << (n & 7);
  if (((arrived[n >> 3] ?? 0) & bit) !== 0) return;
  arrived[n >> 3] = (arrived[n >> 3] ?? 0) | bit;
  distinct++;
  tookMs.push(Date.now() - Number(at));
}

function answer(socket: Socket, path: string, body: string): void {
  if (path === "/good") {
    socket.write(OK);
    good(body);
  } else if (path === "/failing") socket.write(FAILS);
  else socket.resetAndDestroy();
}

const server = createServer({ noDelay: true }, (socket) => {
  sockets.add(socket);
  socket.on("close", () => sockets.delete(socket));
  socket.on("error", () => socket.destroy());
  let pending: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    for (;;) {
      const at = pending.indexOf(HEAD_END);
      if (at < 0) return;
      const head = pending.toString("latin1", 0, at);
      const end = at + HEAD_END.length + Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0);
      if (pending.length < end) return;
      answer(socket, head.split(" ", 2)[1] ?? "", pending.toString("utf8", at + HEAD_END.length, end));
      pending = pending.subarray(end);
    }
  });
});
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));

process.on("message", (asked: { report: true } | { cut: true }) => {
  if ("cut" in asked) {
    for (const socket of sockets) socket.resetAndDestroy();
    process.send?.({ cut: sockets.size });
    return;
  }
  process.send?.({ distinct, tookMs });
  tookMs = [];
});
process.on("disconnect", () => process.exit());
