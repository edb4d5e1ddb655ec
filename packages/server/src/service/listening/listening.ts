import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Clock } from "../../clock/clock.ts";
import type { Log } from "../../http/request-log.ts";
import type { Limits } from "../../limits.ts";
import { listenSessionId, subscribePath } from "../../resources/stripe-cli/listen-sessions.ts";
import type { ListenSessionRow } from "../../store/contract/rows.ts";
import type { Reads } from "../../store/contract/transaction.ts";
import { type Store, StoreUnavailable } from "../../store/store.ts";
import { endExpired } from "./end-sessions.ts";
import { EventListener, type EventListenerParts } from "./event-listener.ts";
import { RequestListener } from "./request-listener.ts";
import { Settlements } from "./settlements.ts";

/** The protocol of the official CLI's socket. */
const PROTOCOL = "stripecli-devproxy-v1";

/** This message makes the CLI open a new session. */
const UNKNOWN = JSON.stringify({ error: { message: "Unknown WebSocket ID." } });

/** Close codes of a socket. Source: RFC 6455, 7.4.1 */
const GOING_AWAY = 1001;
const POLICY = 1008;

/** The client's close reasons: it will be back at once, or it will not be back. */
const BACK_AT_ONCE = "Resetting the connection";
const DONE = "Connection Done";

export interface ListeningOptions extends Omit<EventListenerParts, "settlements"> {
  store: Store;
  clock: Clock;
  limits: Limits;
  log: Log;
}

/** The sessions of the official CLI with a socket on this server. */
export interface Listening {
  /** Whether a request asks for a socket outside the API. */
  isFor(request: IncomingMessage): boolean;
  /** Opens a socket, or refuses it. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Call this when requests were written to the request log. */
  requestsWritten(): void;
  /** Maintains the sessions until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Closes all sockets. Unanswered events are due again. */
  close(): Promise<void>;
}

/** A session with a socket, or one that had it here and may reconnect. */
interface Held {
  session: ListenSessionRow;
  listener: EventListener | RequestListener;
  socket: WebSocket | null;
  /** When the client last sent anything, by the machine's clock. */
  heardAt: number;
  /** When the session ends, according to the store. */
  expiresAt: number;
}

export function createListening(options: ListeningOptions): Listening {
  const { store, clock, limits, log, onTrouble, onBug } = options;
  const settlements = new Settlements(options);
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: limits.listenFrameBytes,
    handleProtocols: (protocols) => (protocols.has(PROTOCOL) ? PROTOCOL : false),
  });
  const held = new Map<string, Held>();
  const byEndpoint = new Map<string, Held>();
  let closed = false;

  store.listeners.onOwed((endpointIds) => {
    for (const endpointId of endpointIds) byEndpoint.get(endpointId)?.listener.wake();
  });

  /** Opens the session that a request asks a socket for; null when there is no such session. */
  async function open(request: IncomingMessage): Promise<ListenSessionRow | null> {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://localhost");
    const socketId = request.headers["websocket-id"];
    if (typeof socketId !== "string") return null;
    // Anyone can send this request, so an unknown id must not cost a write.
    if ((await store.read((reads) => reads.listenSession(listenSessionId(socketId)))) === null) return null;
    return store.transaction(async (tx) => {
      const session = await tx.listenSession(listenSessionId(socketId));
      const now = clock.now();
      if (session === null || session.expiresAt <= now || session.created + limits.listenSessionMs <= now) return null;
      if (!(await keyHolds(tx, session, now))) return null;
      // The id alone is not enough: the path and the feature must also be those of the session.
      if (pathname !== subscribePath(session) || searchParams.get("websocket_feature") !== session.feature) return null;
      const opened = { ...session, opened: true, connected: true, expiresAt: now + limits.listenAwayMs };
      await tx.updateListenSession(opened);
      const endpoint = session.endpointId === null ? null : await tx.endpoint(session.endpointId);
      if (endpoint?.deleted === true) await tx.updateEndpoint({ ...endpoint, deleted: false });
      return opened;
    });
  }

  async function accept(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // The client may go away at any time.
    socket.on("error", () => socket.destroy());
    try {
      const session = closed ? null : await open(request);
      // If the server began to close in the meantime, nothing else would close the socket.
      if (session === null || closed) refuse(socket, closed ? 503 : 401);
      else server.handleUpgrade(request, socket, head, (opened) => attach(session, opened));
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      onTrouble(error);
      refuse(socket, 503);
    }
  }

  function attach(session: ListenSessionRow, socket: WebSocket): void {
    const { id, endpointId, expiresAt } = session;
    const before = held.get(id);
    const listener =
      before?.listener ??
      (endpointId === null ? new RequestListener(options, session) : new EventListener({ ...options, settlements }, session, endpointId));
    const one: Held = { session, listener, socket, heardAt: clock.wallNow(), expiresAt };
    held.set(id, one);
    if (endpointId !== null) byEndpoint.set(endpointId, one);
    if (before !== undefined) {
      // The client came back before its old socket was known to be gone.
      const old = before.socket;
      before.socket = null;
      if (old !== null) {
        listener.detach(old);
        old.terminate();
      }
    } else {
      const { accountId: account, feature } = session;
      const command = feature === "webhooks" ? "stripe listen" : "stripe logs tail";
      log.info({ code: "stripe_cli.listens", account, feature }, `\`${command}\` has connected`);
    }
    const heard = () => {
      one.heardAt = clock.wallNow();
    };
    socket.on("ping", heard);
    socket.on("message", (data, isBinary) => {
      heard();
      if (isBinary || !listener.hear(String(data))) socket.close(POLICY, "This is not a frame of the Stripe CLI.");
    });
    // A frame is too large or malformed. The socket closes, which is handled below.
    socket.on("error", () => undefined);
    socket.on("close", (_code, reason) => void left(one, socket, String(reason)).catch(onBug));
    listener.attach(socket);
  }

  /** A socket is gone. Its session waits for the client to reconnect. */
  async function left(one: Held, socket: WebSocket, reason: string): Promise<void> {
    one.listener.detach(socket);
    if (one.socket !== socket) return;
    one.socket = null;
    if (closed || reason === BACK_AT_ONCE) return;
    const { id } = one.session;
    one.expiresAt = clock.now() + (reason === DONE ? 0 : limits.listenAwayMs);
    await quietly(() =>
      store.transaction((tx) => tx.updateListenSession({ id, opened: true, connected: false, expiresAt: one.expiresAt })),
    );
  }

  /** Does work that can be done later if the store is unavailable. */
  async function quietly<T>(work: () => Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      onTrouble(error);
      return null;
    }
  }

  function tick(): void {
    const now = clock.wallNow();
    for (const { socket, listener, heardAt } of held.values()) {
      const useful = listener.tick();
      if (socket !== null && (!useful || now - heardAt >= limits.listenSilenceMs)) socket.terminate();
    }
  }

  /** Renews the sessions with a socket, drops those that ended, and ends those that expired. */
  async function sweep(): Promise<void> {
    const now = clock.now();
    for (const one of held.values()) {
      const { id, created } = one.session;
      if (one.socket !== null && created + limits.listenSessionMs > now) {
        one.expiresAt = now + limits.listenAwayMs;
        const state = { id, opened: true, connected: true, expiresAt: one.expiresAt };
        const lives = await quietly(() => store.transaction((tx) => stillLives(tx, state, now)));
        if (lives === false) drop(one);
      } else if (one.expiresAt <= now || created + limits.listenSessionMs <= now) drop(one);
    }
    await quietly(() => endExpired(store, clock.now()));
  }

  /** The session has ended. */
  function drop(one: Held): void {
    held.delete(one.session.id);
    if (one.session.endpointId !== null) byEndpoint.delete(one.session.endpointId);
    one.listener.close();
    one.socket?.close(POLICY, "The session has ended.");
    one.socket = null;
  }

  return {
    isFor: ({ url = "", headers }) => url.startsWith("/subscribe/") && headers.upgrade?.toLowerCase() === "websocket",
    accept: (request, socket, head) => void accept(request, socket, head).catch(onBug),
    requestsWritten() {
      for (const { listener } of held.values()) if (listener instanceof RequestListener) listener.wake();
    },
    async run(signal) {
      let sweepAt = 0;
      while (!signal.aborted) {
        tick();
        if (clock.wallNow() >= sweepAt) {
          await sweep();
          sweepAt = clock.wallNow() + limits.listenSweepMs;
        }
        await clock.pause(limits.listenTickMs, signal);
      }
    },
    async close() {
      closed = true;
      store.listeners.onOwed(null);
      const closing: Promise<unknown>[] = [];
      for (const { listener, socket } of held.values()) {
        listener.close();
        if (socket === null) continue;
        closing.push(once(socket, "close"));
        socket.close(GOING_AWAY, "The server is shutting down.");
        // The close frame is sent. Do not wait for the client's close frame.
        setImmediate(() => socket.terminate());
      }
      await Promise.all(closing);
      await settlements.close();
    },
  };
}

/** Whether the key that asked for a session is still valid: revoking a key ends the sessions that it opened. */
async function keyHolds(reads: Pick<Reads, "keyByHash">, { keyHash }: ListenSessionRow, now: number): Promise<boolean> {
  if (keyHash === null) return true;
  const key = await reads.keyByHash(keyHash);
  return key !== null && (key.expiresAt === null || key.expiresAt > now);
}

/** Records that a session is alive, unless it was ended in the meantime. It ends with its key. */
async function stillLives(
  tx: Parameters<Parameters<Store["transaction"]>[0]>[0],
  state: Pick<ListenSessionRow, "id" | "opened" | "connected" | "expiresAt">,
  now: number,
): Promise<boolean> {
  const session = await tx.listenSession(state.id);
  if (session === null || session.expiresAt <= now) return false;
  const holds = await keyHolds(tx, session, now);
  return (await tx.updateListenSession(holds ? state : { ...state, expiresAt: now })) && holds;
}

function refuse(socket: Duplex, status: 401 | 503): void {
  const head = status === 401 ? "401 Unauthorized" : "503 Service Unavailable";
  const body = status === 401 ? UNKNOWN : JSON.stringify({ error: { message: "The server cannot open a socket at the moment." } });
  socket.end(
    `HTTP/1.1 ${head}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
