/**
 * A connection to a browser by WebDriver BiDi: commands and events as JSON over a WebSocket. Source:
 * https://w3c.github.io/webdriver-bidi/
 */
export interface Bidi {
  /** Rejects with what the browser says is wrong. */
  send<Result = object>(method: string, params: object): Promise<Result>;
  /** Calls `listener` with each event of a name. */
  on<Params>(event: string, listener: (params: Params) => void): void;
  close(): void;
}

/** What the browser sends: the answer to a command, or an event. */
type Message =
  | { type: "success"; id: number; result: object }
  | { type: "error"; id: number | null; error: string; message: string }
  | { type: "event"; method: string; params: object };

/** How long a command may take, in milliseconds. */
const COMMAND_MS = 120_000;

/** Connects to a browser that listens at `url`. */
export async function connectBidi(url: string): Promise<Bidi> {
  const socket = new WebSocket(url);
  const waiting = new Map<number, { resolve(result: object): void; reject(error: Error): void }>();
  const listeners = new Map<string, ((params: never) => void)[]>();
  let last = 0;
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => resolve());
    socket.addEventListener("error", () => reject(new Error(`no browser answers at ${url}`)));
  });
  socket.addEventListener("close", () => {
    for (const { reject } of waiting.values()) reject(new Error("the browser has gone"));
    waiting.clear();
  });
  socket.addEventListener("message", ({ data }) => {
    const message = JSON.parse(String(data)) as Message;
    if (message.type === "event") {
      for (const listener of listeners.get(message.method) ?? []) listener(message.params as never);
      return;
    }
    const asked = message.id === null ? undefined : waiting.get(message.id);
    if (message.id !== null) waiting.delete(message.id);
    if (message.type === "success") asked?.resolve(message.result);
    else asked?.reject(new Error(`${message.error}: ${message.message}`));
  });
  return {
    send<Result>(method: string, params: object) {
      const id = ++last;
      return new Promise<Result>((resolve, reject) => {
        const late = setTimeout(() => {
          waiting.delete(id);
          reject(new Error(`${method} has not ended after ${COMMAND_MS} ms`));
        }, COMMAND_MS);
        const settled = (act: () => void): void => {
          clearTimeout(late);
          act();
        };
        waiting.set(id, {
          resolve: (result) => settled(() => resolve(result as Result)),
          reject: (error) => settled(() => reject(error)),
        });
        socket.send(JSON.stringify({ id, method, params }));
      });
    },
    on(event, listener) {
      listeners.set(event, [...(listeners.get(event) ?? []), listener as (params: never) => void]);
    },
    close: () => socket.close(),
  };
}
