import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** The direction of bytes: from the sender to the receiver, or back. */
export type Direction = "request" | "answer";

/** What happens to a connection once `after` bytes have passed in one direction. */
export interface ConnectionFault {
  /**
   * `reset`: both sides get a reset. `close`: the sender gets a FIN, as from a receiver that ends early. `stall`:
   * nothing passes in that direction any longer. `repeat`: everything in that direction is sent twice. `swallow`: the
   * receiver's bytes are dropped, then the sender gets a reset.
   */
  kind: "close" | "repeat" | "reset" | "stall" | "swallow";
  direction: Direction;
  after: number;
}

/** What the proxy does with connections from now on. */
export interface ProxyOrder {
  /** The port to connect to, on the loopback address. */
  to: number;
  fault: ConnectionFault | null;
  /** Keeps existing connections; without this, they are closed. */
  keep?: boolean;
}

/** What it has seen since the last order. */
export interface ProxySeen {
  connections: number;
  bytes: Record<Direction, number>;
}

/**
 * A TCP proxy that breaks connections at a given byte. A program: says `{ port }`; for a `ProxyOrder` it answers `{ ok:
 * true }`, and for `{ seen: true }` a `ProxySeen`.
 */
if (import.meta.main) run();

function run(): void {
  let order: ProxyOrder = { to: 0, fault: null };
  let seen: ProxySeen = { connections: 0, bytes: { request: 0, answer: 0 } };
  const open = new Set<Socket>();

  const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
    const { to, fault } = order;
    const counts = seen;
    counts.connections++;
    const far = connect({ port: to, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
    for (const [direction, from, into] of [
      ["request", near, far],
      ["answer", far, near],
    ] as const) {
      open.add(from);
      let passed = 0;
      from.on("data", (chunk: Buffer) => {
        const struck = fault?.direction === direction ? fault : null;
        const left = struck === null ? chunk.length : Math.max(0, struck.after - passed);
        const before = chunk.subarray(0, left);
        passed += chunk.length;
        counts.bytes[direction] += chunk.length;
        if (before.length > 0 && !into.write(before)) {
          from.pause();
          into.once("drain", () => from.resume());
        }
        if (struck !== null && passed >= struck.after) strike(struck, chunk.subarray(left), { near, far, into });
      });
      from.on("end", () => into.end());
      from.on("error", () => undefined);
      from.on("close", () => {
        open.delete(from);
        if (from.errored) into.resetAndDestroy();
        // Bytes that the receiver has already sent still go out; later bytes, which nobody would receive, are not
        // waited for.
        else if (from === far) into.destroySoon();
        else into.destroy();
      });
    }
    // A fault before the first byte does not wait for a byte.
    if (fault?.after === 0 && fault.direction === "request") strike(fault, Buffer.alloc(0), { near, far, into: far });
  });

  process.on("message", (asked: ProxyOrder | { seen: true }) => {
    if ("seen" in asked) {
      process.send?.(seen);
      return;
    }
    order = asked;
    seen = { connections: 0, bytes: { request: 0, answer: 0 } };
    if (asked.keep !== true) for (const socket of open) socket.destroy();
    process.send?.({ ok: true });
  });
  process.on("disconnect", () => process.exit());
  server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
}

function strike({ kind }: ConnectionFault, rest: Buffer, { near, far, into }: { near: Socket; far: Socket; into: Socket }): void {
  switch (kind) {
    case "reset":
    case "swallow":
      near.resetAndDestroy();
      far.resetAndDestroy();
      return;
    case "close":
      near.end();
      far.destroy();
      return;
    case "stall":
      return;
    case "repeat":
      into.write(rest);
      into.write(rest);
  }
}
