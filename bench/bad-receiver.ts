import type { AddressInfo } from "node:net";
import { createServer, type Socket } from "node:net";

/**
 * Bad receivers, by the path of the request: `/silent` never answers, `/dripping` answers 200 and then sends an endless
 * body byte by byte, and any other path is answered 500 at once. It is a separate process with an IPC channel, which
 * says `{ port }` once. If it was started with `black-hole`, it accepts nothing once it is stopped (SIGSTOP): then
 * connections to its port are never established.
 */
const HEAD_END = "\r\n\r\n";
const DRIP_EVERY_MS = 500;

function answer(socket: Socket, path: string): void {
  if (path.startsWith("/silent")) return;
  if (!path.startsWith("/dripping")) {
    socket.write("HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n");
    return;
  }
  socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
  const drip = setInterval(() => socket.write("1\r\n.\r\n"), DRIP_EVERY_MS);
  socket.on("close", () => clearInterval(drip));
}

const server = createServer((socket) => {
  let pending = "";
  socket.setEncoding("latin1");
  socket.on("data", (text: string) => {
    pending += text;
    for (let head = pending.indexOf(HEAD_END); head >= 0; head = pending.indexOf(HEAD_END)) {
      const end = head + HEAD_END.length + Number(/content-length: *(\d+)/i.exec(pending.slice(0, head))?.[1] ?? 0);
      if (pending.length < end) return;
      const path = pending.split(" ", 2)[1] ?? "";
      pending = pending.slice(end);
      answer(socket, path);
    }
  });
  socket.on("error", () => socket.destroy());
});

const backlog = process.argv[2] === "black-hole" ? 1 : 511;
server.listen({ port: 0, host: "127.0.0.1", backlog }, () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on("disconnect", () => process.exit());
