import { connect, type Socket } from "node:net";
import { startChild } from "./child.ts";

/** A place that connections cannot be made to, though nothing refuses them. */
export interface BlackHole {
  /** Where it is, without a path. */
  origin: string;
  stop(): Promise<void>;
}

/** More than the queue of connections not yet accepted holds. */
const QUEUED = 4;

/**
 * A port on the loopback address whose owner accepts nothing any more: its queue is full, and what comes then is
 * dropped without a word.
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
