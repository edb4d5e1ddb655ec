import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { HostileAnswer } from "./hostile-answers.ts";

/**
 * A receiver on a raw socket that answers each request as it was told to. At `/good/TOKEN` the answer is good: the
 * token.
 */
export interface HostileReceiver {
  port: number;
  /**
   * The path at which a request gets this answer, once; `played` resolves when all of it has been sent, or cannot be. A
   * request that was given up may never have left: `giveUp` resolves `played` then, and should it come after all, it is
   * closed. Once the request has come, `giveUp` does nothing.
   */
  expect(answer: HostileAnswer): { path: string; played: Promise<void>; giveUp(): void };
  /** Connections that are open now. */
  open(): number;
  /** Resolves when no connection is open. */
  allClosed(): Promise<void>;
  close(): Promise<void>;
}

/** Starts one on a free port of the loopback address. */
export async function startHostileReceiver(): Promise<HostileReceiver> {
  const answers = new Map<string, { answer: HostileAnswer; played(): void }>();
  const givenUp = new Set<string>();
  const sockets = new Set<Socket>();
  const waiting: (() => void)[] = [];
  let given = 0;

  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => {
      sockets.delete(socket);
      if (sockets.size > 0) return;
      for (const resolve of waiting.splice(0)) resolve();
    });
    let text = "";
    socket.setEncoding("latin1");
    socket.on("data", (data: string) => {
      text += data;
      const head = text.indexOf("\r\n\r\n");
      const length = Number(/content-length: (\d+)/.exec(text)?.[1] ?? 0);
      if (head === -1 || text.length < head + 4 + length) return;
      const [, kind, name = ""] = /^POST \/(good|hostile)\/(\S+) /.exec(text) ?? [];
      text = text.slice(head + 4 + length);
      if (kind === "good") socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${name.length}\r\n\r\n${name}`);
      else {
        const expected = answers.get(name);
        if (givenUp.delete(name)) {
          socket.destroy();
          return;
        }
        if (expected === undefined) throw new Error("A request came twice, or came that nobody made.");
        answers.delete(name);
        void play(socket, expected.answer).then(expected.played);
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    port: (server.address() as AddressInfo).port,
    expect(answer) {
      const name = String(++given);
      const played = Promise.withResolvers<void>();
      answers.set(name, { answer, played: played.resolve });
      const giveUp = (): void => {
        if (!answers.delete(name)) return;
        givenUp.add(name);
        played.resolve();
      };
      return { path: `/hostile/${name}`, played: played.promise, giveUp };
    },
    open: () => sockets.size,
    allClosed: () => (sockets.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Sends the pieces one after another, each once the one before has left. */
async function play(socket: Socket, answer: HostileAnswer): Promise<void> {
  for (const piece of answer.pieces) {
    if (socket.destroyed) return;
    await new Promise<void>((resolve) => {
      socket.once("close", resolve);
      socket.write(piece, () => {
        socket.off("close", resolve);
        setImmediate(resolve);
      });
    });
  }
  if (answer.finally === "stay" || socket.destroyed) return;
  await new Promise<void>((resolve) => {
    socket.once("close", resolve);
    if (answer.finally === "reset") socket.resetAndDestroy();
    else socket.end(resolve);
  });
}
