import { ChunkedBody } from "./chunked-body.ts";
import {
  type Framing,
  framingOf,
  isStatusLine,
  keepAliveMs,
  keepsConnection,
  parseResponseHead,
  type ResponseHead,
} from "./response-head.ts";

/** Receives an answer as it arrives. */
export interface ResponseListener {
  /** The head of the final answer. Called once. */
  onHead(status: number, headers: Readonly<Record<string, string>>): void;
  /** A part of the body. */
  onData(data: Buffer): void;
}

export interface ReaderLimits {
  /** Largest head, and the most that all interim answers may have together. */
  headBytes: number;
  /** Interim answers (1xx) before the final one. */
  interimAnswers: number;
  /** Bytes of sizes, extensions and trailers of a chunked body, together. */
  overheadBytes: number;
}

/** Why reading an answer stopped. */
export type ReadProblem = "invalid" | "head_too_large" | "interim_without_end" | "upgrade";

/** A final answer's head, with what follows from it. */
interface ReadHead {
  text: string;
  head: ResponseHead;
  framing: Framing;
  keeps: boolean;
  keptMs: number | null;
}

/**
 * The last head of a connection: a receiver's answers often have the same head, which then need not be parsed again.
 */
export interface LastHead {
  read: ReadHead | null;
}

/** Longer heads are not remembered. */
const REMEMBERED_CHARS = 1_024;

const HEAD_END = Buffer.from("\r\n\r\n");
const BEGINNING = Buffer.from("HTTP/1.");
const NO_BYTES = Buffer.alloc(0);
const CR = 0x0d;
const LF = 0x0a;

/**
 * Reads the answer to one POST from its bytes, however they are split. It has no other effects, and no input makes it
 * throw. It skips interim answers (100, 102, 103 and the like) and refuses a change of protocols, which was not
 * requested. Sources: https://www.rfc-editor.org/rfc/rfc9112, https://www.rfc-editor.org/rfc/rfc9110#section-15.2
 */
export class ResponseReader {
  private readonly limits: ReaderLimits;
  private readonly listener: ResponseListener;
  /** Bytes of a head that is not complete yet, in a buffer that grows. */
  private pending: Buffer = NO_BYTES;
  private pendingBytes = 0;
  private statusLineSeen = false;
  private interims = 0;
  private interimBytes = 0;
  private readonly last: LastHead;
  private head: ReadHead | null = null;
  private left = 0;
  private chunks: ChunkedBody | null = null;
  private surplus = false;
  private done = false;

  /** `last` is shared with the reader of the connection's next answer. */
  constructor(limits: ReaderLimits, listener: ResponseListener, last: LastHead = { read: null }) {
    this.limits = limits;
    this.listener = listener;
    this.last = last;
  }

  /** Whether the answer has been read to its end. */
  get complete(): boolean {
    return this.done;
  }

  /** Whether the connection may be used again: the answer is complete and allows it, and nothing came after it. */
  get reusable(): boolean {
    return this.done && !this.surplus && this.head?.keeps === true;
  }

  /** How long the receiver keeps the idle connection, in milliseconds; null when it does not say. */
  get keepAliveMs(): number | null {
    return this.head === null ? null : this.head.keptMs;
  }

  /** Takes the bytes that have arrived. Returns null, or why it cannot continue. */
  read(bytes: Buffer): ReadProblem | null {
    let at = 0;
    while (this.head === null) {
      const end = this.headEnd(bytes, at);
      if (typeof end !== "number") return end;
      if (end === -1) return null;
      const problem = this.takeHead(this.headText(bytes, at, end), end - at);
      if (problem !== null) return problem;
      at = end;
      if (at === bytes.length) return null;
    }
    return this.readBody(bytes, at);
  }

  /** Takes the end of the connection. Returns whether the answer was complete by then. */
  end(): boolean {
    if (this.head !== null && this.head.framing.kind === "until_close") this.done = true;
    return this.done;
  }

  /**
   * Where in `bytes` the head that continues at `at` ends. If it does not end there, keeps this part of it and returns
   * -1.
   */
  private headEnd(bytes: Buffer, at: number): number | ReadProblem {
    const before = this.pendingBytes;
    if (before === 0) {
      const found = bytes.indexOf(HEAD_END, at);
      if (found !== -1) return found + 4 - at > this.limits.headBytes ? "head_too_large" : found + 4;
    }
    this.keep(bytes, at);
    const kept = this.pending.subarray(0, this.pendingBytes);
    const found = kept.indexOf(HEAD_END, Math.max(0, before - 3));
    if (found !== -1) return found + 4 > this.limits.headBytes ? "head_too_large" : at + found + 4 - before;
    return this.beginsWell(kept) ? (this.pendingBytes > this.limits.headBytes ? "head_too_large" : -1) : "invalid";
  }

  /** Keeps the rest of `bytes`, but no more than shows that the head is too large. */
  private keep(bytes: Buffer, at: number): void {
    const wanted = Math.min(this.pendingBytes + bytes.length - at, this.limits.headBytes + 4);
    if (wanted > this.pending.length) {
      const larger = Buffer.allocUnsafe(Math.min(Math.max(wanted, this.pending.length * 2, 512), this.limits.headBytes + 4));
      this.pending.copy(larger, 0, 0, this.pendingBytes);
      this.pending = larger;
    }
    bytes.copy(this.pending, this.pendingBytes, at, at + wanted - this.pendingBytes);
    this.pendingBytes = wanted;
  }

  /** The first line alone can show that a server does not speak HTTP. */
  private beginsWell(kept: Buffer): boolean {
    if (this.statusLineSeen) return true;
    const length = Math.min(kept.length, BEGINNING.length);
    if (BEGINNING.compare(kept, 0, length, 0, length) !== 0) return false;
    const lineEnd = kept.indexOf(LF);
    if (lineEnd === -1) return true;
    this.statusLineSeen = true;
    return kept[lineEnd - 1] === CR && isStatusLine(kept.toString("latin1", 0, lineEnd - 1));
  }

  /** Returns the head that ends at `end`, without the empty line, and drops the kept part. */
  private headText(bytes: Buffer, at: number, end: number): string {
    if (this.pendingBytes === 0) return bytes.toString("latin1", at, end - 4);
    const length = this.pending.indexOf(HEAD_END);
    const text = this.pending.toString("latin1", 0, length);
    this.pendingBytes = 0;
    this.statusLineSeen = false;
    return text;
  }

  private takeHead(text: string, bytes: number): ReadProblem | null {
    const { read } = this.last;
    if (read !== null && read.text === text) return this.take(read);
    const head = parseResponseHead(text);
    if (head === null) return "invalid";
    if (head.status === 101) return "upgrade";
    if (head.status < 200) {
      this.interims++;
      this.interimBytes += Math.max(bytes, text.length);
      return this.interims > this.limits.interimAnswers || this.interimBytes > this.limits.headBytes ? "interim_without_end" : null;
    }
    const framing = framingOf(head);
    if (framing === null) return "invalid";
    const whole = { text, head, framing, keeps: keepsConnection(head, framing), keptMs: keepAliveMs(head) };
    if (text.length <= REMEMBERED_CHARS) this.last.read = whole;
    return this.take(whole);
  }

  private take(read: ReadHead): null {
    const { head, framing } = read;
    this.head = read;
    if (framing.kind === "length") this.left = framing.bytes;
    else if (framing.kind === "chunked") this.chunks = new ChunkedBody(this.limits.overheadBytes);
    this.done = framing.kind === "none";
    this.listener.onHead(head.status, head.headers);
    return null;
  }

  private readBody(bytes: Buffer, at: number): ReadProblem | null {
    let end = at;
    const kind = this.head?.framing.kind;
    if (this.done) end = at;
    else if (this.chunks !== null) {
      end = this.chunks.read(bytes, at, (data) => this.listener.onData(data));
      if (end === -1) return "invalid";
      this.done = this.chunks.ended;
    } else {
      end = kind === "length" ? Math.min(bytes.length, at + this.left) : bytes.length;
      if (end > at) this.listener.onData(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
      if (kind === "length") {
        this.left -= end - at;
        this.done = this.left === 0;
      }
    }
    if (end < bytes.length) this.surplus = true;
    return null;
  }
}
