import type { Soon } from "./soon.ts";

/** Why the raw bytes of a body are not available. */
export type UnreadBody =
  /** It is larger than allowed. */
  | { kind: "too_large" }
  /** The connection ended before the body did. */
  | { kind: "cut_short" }
  /**
   * Other code read the stream before the receiver. `left`: what that code made of it, if it can be found; a text is
   * used as the body that was sent. `remedy`: which line to change in this framework.
   */
  | { kind: "consumed"; left: unknown; remedy: string };

/** A request as an adapter passes it on. */
export interface Incoming {
  method: string;
  /** A header's value by its lower-case name; null or undefined when there is none. */
  header(name: string): string | null | undefined;
  /** The URL, for endpoints whose secret depends on it: a path with its query, or a whole URL. */
  url?: string;
  /**
   * The exact bytes, or a function that reads at most `limitBytes` of them. A request refused earlier does not call it.
   */
  body: Uint8Array | UnreadBody | ((limitBytes: number) => Soon<Uint8Array | UnreadBody>);
  /** The platform may stop the process after the answer, so start nothing that would have to outlive the answer. */
  shortLived?: boolean;
}

/** The answer. The body is JSON. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
  /**
   * Resolves when the work that this request started has ended. Never rejects. For platforms that stop a process after
   * the answer (`waitUntil`).
   */
  settled: Promise<void>;
}
