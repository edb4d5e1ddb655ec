import { openSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { recordArrival } from "./record-arrival.ts";

/** How a hostile receiver answers a request, each byte as the character of its number. */
export type HostileAnswer =
  /** Sends these bytes, and then the end of the connection, a reset, or nothing. */
  | { kind: "bytes"; bytes: string; after: "end" | "keep" | "reset" }
  /** Sends `begin`, and then `again` every `everyMs` milliseconds, as long as anyone reads. */
  | { kind: "drip"; begin: string; again: string; everyMs: number }
  /** Sends `begin`, and then `again` as fast as possible. */
  | { kind: "flood"; begin: string; again: string }
  /** Never sends anything. */
  | { kind: "silent" };

/**
 * A receiver that reads a whole request, records it, and gives a bad answer on command. A program, started with the
 * file to write to and the endpoint's secret. Says `{ port }`; for a `HostileAnswer` it answers `{ ok: true }`, and
 * gives that answer from then on.
 */
if (import.meta.main) run();

function run(): void {
  let answer: HostileAnswer = { kind: "silent" };
  const [file = "", secret = ""] = process.argv.slice(2);
  const arrivals = openSync(file, "a");
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      const head = text.indexOf("\r\n\r\n");
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
      if (head === -1 || text.length < head + 4 + length) return;
      const body = Buffer.from(text.slice(head + 4, head + 4 + length), "latin1");
      recordArrival(arrivals, secret, body, /^stripe-signature: (.*)$/im.exec(text)?.[1]);
      text = "";
      give(answer, socket);
    });
    socket.on("error", () => undefined);
    socket.on("end", () => socket.end());
  });

  process.on("message", (asked: HostileAnswer) => {
    answer = asked;
    process.send?.({ ok: true });
  });
  process.on("disconnect", () => process.exit());
  server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
}

function give(answer: HostileAnswer, socket: Socket): void {
  switch (answer.kind) {
    case "silent":
      return;
    case "bytes":
      socket.write(Buffer.from(answer.bytes, "latin1"), () => {
        if (answer.after === "end") socket.end();
        if (answer.after === "reset") socket.resetAndDestroy();
      });
      return;
    case "drip": {
      socket.write(Buffer.from(answer.begin, "latin1"));
      const timer = setInterval(() => socket.write(Buffer.from(answer.again, "latin1")), answer.everyMs);
      socket.on("close", () => clearInterval(timer));
      return;
    }
    case "flood": {
      const again = Buffer.from(answer.again, "latin1");
      const pour = (): void => {
        while (socket.writable && socket.write(again));
      };
      socket.on("drain", pour);
      socket.write(Buffer.from(answer.begin, "latin1"));
      pour();
    }
  }
}
