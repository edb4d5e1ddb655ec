/** What a body turned out to be, when it is not bytes. */
export type UnreadBody =
  /** It is larger than allowed. */
  | { kind: "too_large" }
  /** The connection ended before the body did. */
  | { kind: "cut_short" }
  /**
   * Something read the stream before the receiver could. `left`: what it made of it, if that can be found; text is taken for the body as it
   * was sent. `remedy`: which line to change, in this framework.
   */
  | { kind: "consumed"; left: unknown; remedy: string };

/** A request, as an adapter hands it over. */
export interface Incoming {
  method: string;
  /** A header's value by its name in lower case; null or undefined when there is none. */
  header(name: string): string | null | undefined;
  /** The address, for endpoints whose secret depends on it: a path with its query, or a whole URL. */
  url?: string;
  /** The exact bytes, or a way to read at most `limitBytes` of them. It is not called for requests that are refused without it. */
  body: Uint8Array | UnreadBody | ((limitBytes: number) => Promise<Uint8Array | UnreadBody>);
  /** The platform may stop the process after the answer: nothing is started that would have to outlive it. */
  shortLived?: boolean;
}

/** What to answer. The body is JSON. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
  /** Resolves when the work this request set off has ended. Never rejects. For platforms that stop a process after the answer (`waitUntil`). */
  settled: Promise<void>;
}
