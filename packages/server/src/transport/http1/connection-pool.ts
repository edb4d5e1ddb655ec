import type { Socket } from "node:net";
import type { Limits } from "../../limits.ts";
import { faultOfError, STOPPED, type TransportFault } from "../fault-of-error.ts";
import type { Connect, ConnectPhases, Destination } from "../guarded-connector.ts";
import { type ConnectionEvents, type ConnectionRequest, Http1Connection, type ResponseHandler } from "./connection.ts";
import type { ReaderLimits } from "./response-reader.ts";

export interface ConnectionPoolOptions {
  connect: Connect;
  limits: Pick<
    Limits,
    "responseHeaderBytes" | "responseReadBytes" | "interimAnswers" | "idleConnections" | "idleConnectionMs" | "idleConnectionLongestMs"
  >;
}

/**
 * Subtracted from the time that a receiver promises to keep an idle connection. A request that is on its way when the
 * connection closes is lost, and is not sent again.
 */
const KEEP_ALIVE_MARGIN_MS = 2_000;

/** How often expired idle connections are closed. */
const SWEEP_EVERY_MS = 1_000;

/** A request that the pool has accepted and not finished. */
class Run implements ResponseHandler {
  readonly to: Destination;
  readonly request: ConnectionRequest;
  /** Whether any part of it may have reached the receiver. */
  sent = false;
  over = false;
  /** Cancels the connection attempt that it waits for, or closes its connection. */
  cancel: () => void = () => undefined;
  private readonly handler: ResponseHandler;
  private readonly runs: Run[];
  /** Its position among the runs. */
  private place: number;

  constructor(to: Destination, request: ConnectionRequest, handler: ResponseHandler, runs: Run[]) {
    this.to = to;
    this.request = request;
    this.handler = handler;
    this.runs = runs;
    this.place = runs.push(this) - 1;
  }

  onConnecting(phases: ConnectPhases): void {
    this.handler.onConnecting(phases);
  }

  onSent(): void {
    this.sent = true;
    this.handler.onSent();
  }

  onFirstByte(): void {
    this.handler.onFirstByte();
  }

  onHead(status: number, headers: Readonly<Record<string, string>>): void {
    this.handler.onHead(status, headers);
  }

  onData(data: Buffer): void {
    this.handler.onData(data);
  }

  onEnd(): void {
    this.leave();
    this.handler.onEnd();
  }

  onFault(fault: TransportFault): void {
    this.leave();
    this.handler.onFault(fault);
  }

  leave(): void {
    if (this.over) return;
    this.over = true;
    const last = this.runs.pop() as Run;
    if (last === this) return;
    this.runs[this.place] = last;
    last.place = this.place;
  }
}

/**
 * Connections to any number of origins, kept alive, each carrying one request at a time. No request is ever sent twice.
 */
export class ConnectionPool {
  private readonly connect: Connect;
  private readonly limits: ConnectionPoolOptions["limits"];
  private readonly readerLimits: ReaderLimits;
  private readonly events: ConnectionEvents;
  /**
   * Unordered. Not a Set: V8 repeatedly gives a frequently changed Set a new table. Each old table keeps the next one
   * alive, with the runs in it, until a full garbage collection.
   */
  private readonly runs: Run[] = [];
  /** All connections, each with what waits for its end. */
  private readonly open = new Map<Http1Connection, { origin: string; closed: PromiseWithResolvers<void> }>();
  /** The idle connections of each origin. The last used is at the end, and is used next. */
  private readonly idle = new Map<string, Http1Connection[]>();
  /**
   * All idle connections with the time until which they may be used; the one that has been idle longest comes first.
   */
  private readonly idleUntil = new Map<Http1Connection, number>();
  /** Requests that have a connection and wait until everything that has already arrived on it is read. */
  private waiting: { run: Run; connection: Http1Connection }[] = [];
  private sweeping: NodeJS.Timeout | null = null;
  private isClosed = false;

  constructor({ connect, limits }: ConnectionPoolOptions) {
    this.connect = connect;
    this.limits = limits;
    this.readerLimits = {
      headBytes: limits.responseHeaderBytes,
      interimAnswers: limits.interimAnswers,
      overheadBytes: limits.responseReadBytes,
    };
    this.events = {
      onIdle: (connection, keptMs) => this.keep(connection, keptMs),
      onClosed: (connection) => this.forget(connection),
    };
  }

  /**
   * Sends a request and reports its outcome to the handler. Returns a function that ends it early: it closes the
   * connection and reports nothing more.
   */
  send(to: Destination, request: ConnectionRequest, handler: ResponseHandler): () => void {
    const run = new Run(to, request, handler, this.runs);
    this.begin(run);
    return () => {
      if (run.over) return;
      run.leave();
      run.cancel();
    };
  }

  /** Ends the requests that have not been sent at all, as `interrupted`. */
  endUnsent(): void {
    for (const run of [...this.runs]) if (!run.sent) interrupt(run);
  }

  /** Ends all requests, as `interrupted`, and closes all connections. Resolves when they are closed. */
  async close(): Promise<void> {
    this.isClosed = true;
    if (this.sweeping !== null) clearInterval(this.sweeping);
    for (const run of [...this.runs]) interrupt(run);
    const closed = [...this.open.values()].map((each) => each.closed.promise);
    for (const connection of this.open.keys()) connection.destroy();
    await Promise.all(closed);
  }

  private begin(run: Run): void {
    if (this.isClosed) {
      run.onFault(STOPPED);
      return;
    }
    const connection = this.takeIdle(run.to.origin);
    if (connection === null) {
      this.connectFor(run);
      return;
    }
    // Anything that has already arrived on it, unexpected bytes or its end, is read before the request goes out. The
    // first turn of the event loop may have begun before it arrived; the second has not.
    if (this.waiting.push({ run, connection }) === 1) setImmediate(() => setImmediate(() => this.useWaiting()));
  }

  private useWaiting(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const { run, connection } of waiting) {
      if (run.over) this.keep(connection, null);
      else if (connection.usable) this.use(connection, run);
      else this.begin(run);
    }
  }

  private use(connection: Http1Connection, run: Run): void {
    run.cancel = () => connection.destroy();
    connection.send(run.request, run);
  }

  private connectFor(run: Run): void {
    const phases: ConnectPhases = { dnsMs: null, connectMs: null, tlsMs: null };
    run.onConnecting(phases);
    run.cancel = this.connect(run.to, phases, (error, socket) => {
      if (error !== null) run.onFault(faultOfError(error));
      else this.use(this.opened(socket, run.to.origin), run);
    });
  }

  private opened(socket: Socket, origin: string): Http1Connection {
    const connection = new Http1Connection(socket, this.readerLimits, this.events);
    this.open.set(connection, { origin, closed: Promise.withResolvers() });
    return connection;
  }

  private keep(connection: Http1Connection, keptMs: number | null): void {
    const { idleConnections, idleConnectionMs, idleConnectionLongestMs } = this.limits;
    const forMs = keptMs === null ? idleConnectionMs : Math.min(keptMs - KEEP_ALIVE_MARGIN_MS, idleConnectionLongestMs);
    const origin = this.open.get(connection)?.origin;
    if (this.isClosed || origin === undefined || forMs <= 0 || idleConnections === 0) {
      connection.destroy();
      return;
    }
    if (this.idleUntil.size >= idleConnections) {
      const oldest = this.idleUntil.keys().next();
      if (oldest.done !== true) this.closeIdle(oldest.value);
    }
    const others = this.idle.get(origin);
    if (others === undefined) this.idle.set(origin, [connection]);
    else others.push(connection);
    this.idleUntil.set(connection, performance.now() + forMs);
    this.sweeping ??= setInterval(() => this.sweep(), SWEEP_EVERY_MS).unref();
  }

  private takeIdle(origin: string): Http1Connection | null {
    for (;;) {
      const connection = this.idle.get(origin)?.at(-1);
      if (connection === undefined) return null;
      const until = this.idleUntil.get(connection) ?? 0;
      this.leaveIdle(connection);
      if (connection.usable && until > performance.now()) return connection;
      connection.destroy();
    }
  }

  private leaveIdle(connection: Http1Connection): void {
    if (!this.idleUntil.delete(connection)) return;
    const origin = this.open.get(connection)?.origin ?? "";
    const others = this.idle.get(origin) ?? [];
    others.splice(others.lastIndexOf(connection), 1);
    if (others.length === 0) this.idle.delete(origin);
  }

  private closeIdle(connection: Http1Connection): void {
    this.leaveIdle(connection);
    connection.destroy();
  }

  private sweep(): void {
    const now = performance.now();
    for (const [connection, until] of this.idleUntil) if (until <= now) this.closeIdle(connection);
    if (this.idleUntil.size > 0 || this.sweeping === null) return;
    clearInterval(this.sweeping);
    this.sweeping = null;
  }

  private forget(connection: Http1Connection): void {
    this.leaveIdle(connection);
    this.open.get(connection)?.closed.resolve();
    this.open.delete(connection);
  }
}

function interrupt(run: Run): void {
  if (run.over) return;
  run.onFault(STOPPED);
  run.cancel();
}
