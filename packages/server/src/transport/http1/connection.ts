import type { Socket } from "node:net";
import {
  CONNECTION_CLOSED,
  faultOfError,
  HEAD_TOO_LARGE,
  INTERIM_WITHOUT_END,
  NOT_HTTP,
  type TransportFault,
  UNASKED_UPGRADE,
} from "../fault-of-error.ts";
import type { ConnectPhases } from "../guarded-connector.ts";
import { type LastHead, type ReaderLimits, type ReadProblem, type ResponseListener, ResponseReader } from "./response-reader.ts";

/** One request, ready to be written. */
export interface ConnectionRequest {
  /** Its head with the empty line, in Latin-1. */
  head: string;
  body: Uint8Array;
}

/** Receives the outcome of one request. The last call is either `onEnd` or `onFault`. */
export interface ResponseHandler extends ResponseListener {
  /**
   * A connection is being opened for the request; `phases` shows the progress. Not called when one is reused.
   */
  onConnecting(phases: ConnectPhases): void;
  /** The request is about to be written. */
  onSent(): void;
  /** The first byte of the answer has arrived. */
  onFirstByte(): void;
  /** The answer is complete. */
  onEnd(): void;
  /** The connection failed, or delivered an invalid answer. */
  onFault(fault: TransportFault): void;
}

export interface ConnectionEvents {
  /** The connection can be used again, for at most `keptMs` if the receiver gives a time. */
  onIdle(connection: Http1Connection, keptMs: number | null): void;
  /** The connection is closed. */
  onClosed(connection: Http1Connection): void;
}

const FAULTS: Readonly<Record<ReadProblem, TransportFault>> = {
  invalid: NOT_HTTP,
  head_too_large: HEAD_TOO_LARGE,
  interim_without_end: INTERIM_WITHOUT_END,
  upgrade: UNASKED_UPGRADE,
};

/** Requests up to this size are written in one piece. */
const ONE_PIECE = 65_536;

/**
 * One connection to a receiver, which carries one request at a time. Every event of its socket ends in a call of the
 * request's handler: bytes and errors from the other side never throw. Bytes that arrive without a request close the
 * connection, so an answer cannot be mistaken for that of a later request.
 */
export class Http1Connection {
  private readonly socket: Socket;
  private readonly limits: ReaderLimits;
  private readonly events: ConnectionEvents;
  private reader: ResponseReader | null = null;
  private readonly lastHead: LastHead = { read: null };
  private handler: ResponseHandler | null = null;
  /** Whether any part of the answer has arrived. */
  private answered = false;

  constructor(socket: Socket, limits: ReaderLimits, events: ConnectionEvents) {
    this.socket = socket;
    this.limits = limits;
    this.events = events;
    socket.on("data", (bytes: Buffer) => this.guarded(() => this.hear(bytes)));
    socket.on("end", () => this.guarded(() => this.hearEnd()));
    socket.on("error", (error) => this.guarded(() => this.fail(faultOfError(error))));
    socket.on("close", () => this.guarded(() => this.closed()));
    // A tunnel through a proxy has paused the socket.
    socket.resume();
  }

  /** Whether it can send a request now. */
  get usable(): boolean {
    return this.handler === null && !this.socket.destroyed && this.socket.writable && this.socket.readable;
  }

  /** Whether the socket is closed, or about to be. */
  get destroyed(): boolean {
    return this.socket.destroyed;
  }

  /** Sends a request and reports its outcome to the handler. Call it only while `usable`. */
  send({ head, body }: ConnectionRequest, handler: ResponseHandler): void {
    this.handler = handler;
    this.answered = false;
    this.reader = new ResponseReader(this.limits, handler, this.lastHead);
    this.guarded(() => {
      handler.onSent();
      if (head.length + body.length > ONE_PIECE) {
        this.socket.cork();
        this.socket.write(head, "latin1");
        this.socket.write(body);
        this.socket.uncork();
        return;
      }
      const bytes = Buffer.allocUnsafe(head.length + body.length);
      bytes.write(head, 0, "latin1");
      bytes.set(body, head.length);
      this.socket.write(bytes);
    });
  }

  /** Closes the connection at once. The handler gets no more calls. */
  destroy(): void {
    this.handler = null;
    this.reader = null;
    this.socket.destroy();
  }

  private hear(bytes: Buffer): void {
    if (this.reader === null) {
      this.socket.destroy();
      return;
    }
    if (!this.answered) {
      this.answered = true;
      this.handler?.onFirstByte();
    }
    const problem = this.reader.read(bytes);
    if (problem !== null) this.fail(FAULTS[problem]);
    else if (this.reader?.complete === true) this.finish(this.reader);
  }

  private hearEnd(): void {
    if (this.reader?.end() === true) this.finish(this.reader);
    else this.fail(CONNECTION_CLOSED);
  }

  private closed(): void {
    this.fail(CONNECTION_CLOSED);
    this.events.onClosed(this);
  }

  private finish(reader: ResponseReader): void {
    const { handler, socket } = this;
    this.handler = null;
    this.reader = null;
    // A receiver that answers before it has read everything may read the rest as the next request.
    if (reader.reusable && socket.writableLength === 0 && socket.readable && socket.writable) this.events.onIdle(this, reader.keepAliveMs);
    else socket.destroy();
    handler?.onEnd();
  }

  private fail(fault: TransportFault): void {
    const { handler } = this;
    this.destroy();
    handler?.onFault(fault);
  }

  /** The boundary of an exchange: an error thrown while handling it fails only this exchange. */
  private guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (this.handler === null) throw error;
      this.fail(faultOfError(error));
    }
  }
}
