import { connect, createServer, type Server, type Socket } from "node:net";

/**
 * Sits between a node and its database. When shut, it lets nothing through and stays silent. When opened again, it lets
 * everything through that it had held.
 */
export interface Gate {
  url: string;
  shut(): void;
  open(): void;
  /** Shuts as soon as the node sends this, before or after the database has received it. */
  shutWhenSaid(text: string, when: "after" | "before"): void;
}

export async function startGate(url: string): Promise<Gate> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let isShut = false;
  let awaited: { text: string; when: "after" | "before" } | null = null;
  function shut(): void {
    isShut = true;
    for (const socket of sockets) socket.pause();
  }
  const server: Server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      if (isShut) from.pause();
      from.on("data", (chunk) => {
        const met = from === near && awaited !== null && chunk.includes(awaited.text) ? awaited.when : null;
        if (met !== "before") to.write(chunk);
        if (met === null) return;
        awaited = null;
        shut();
      });
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
      from.on("error", () => from.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const through = new URL(url);
  through.port = String(port);
  through.hostname = "127.0.0.1";
  server.unref();
  return {
    url: through.href,
    shut,
    shutWhenSaid(text, when) {
      awaited = { text, when };
    },
    open() {
      isShut = false;
      for (const socket of sockets) socket.resume();
    },
  };
}
