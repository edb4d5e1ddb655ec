import { connect, type Socket } from "node:net";
import { startChild } from "./child.ts";

/** An address to which connections cannot be established, although nothing refuses them. */
export interface BlackHole {
  /** Its URL, without a path. */
  origin: string;
  stop(): Promise<void>;
}

/** More than fit in the queue of connections that are not accepted yet. */
const QUEUED = 4;

/**
 * A port on the loopback address whose owner no longer accepts anything: its queue is full, and further connections are
 * silently dropped.
 */
export async function startBlackHole(): Promise<BlackHole> {
  const { child, hello } = await startChild<{ port: number }>("./bad-receiver.ts", ["black-hole"]);
  process.kill(child.pid, "SIGSTOP");
  const sockets: Socket[] = [];
  for (let n = 0; n < QUEUED; n++) sockets.push(connect(hello.port, "127.0.0.1").on("error", () => undefined));
  return {
    origin: `http://127.0.0.1:${hello.port}`,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await child.end("SIGKILL");
    },
  };
}
