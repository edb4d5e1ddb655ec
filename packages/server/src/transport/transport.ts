import type { DestinationRules } from "../destinations.ts";

/** One POST to a receiver. */
export interface OutgoingRequest {
  url: string;
  headers: Readonly<Record<string, string>>;
  /** Sent unchanged. */
  body: Uint8Array;
  /**
   * From the start to the end of the answer's head. After that the outcome is a time-out, and the rest of the body is
   * ignored.
   */
  deadlineMs: number;
  /**
   * Receives the answer's head, at most once, if the body does not arrive with it: the outcome is known from then on.
   * Returns how long the rest of the body may take, in milliseconds; 0 to ignore it. A transport that receives answers
   * whole need not call it.
   */
  onHead?(head: AnswerHead): number;
}

/** The head of an answer, and how long it took. */
export type AnswerHead = Pick<Posted & { kind: "answer" }, "kind" | "status" | "headers" | "durationMs">;

/** Why no answer came. `docs/outcomes.md` lists them, and a test compares the lists. */
export type FaultCode =
  | "address_blocked"
  | "connection_refused"
  | "connection_reset"
  | "connect_timeout"
  | "dns_failure"
  | "headers_too_large"
  | "interrupted"
  | "invalid_response"
  | "invalid_url"
  | "network_unreachable"
  | "proxy_failure"
  | "timeout"
  | "tls_failure"
  | "unknown_fault";

/** How long the parts of a request took, in milliseconds. Null for a part that was not needed, or not finished. */
export interface Phases {
  /** Whether it used a connection that an earlier request had opened: then there was nothing to connect. */
  reused: boolean;
  /** The look-up of the name. Also null for an address, which needs no look-up. */
  dnsMs: number | null;
  /** Connecting: to the address, or through the proxy to the destination. */
  connectMs: number | null;
  /** The TLS handshake with the destination. */
  tlsMs: number | null;
  /** From the request to the first byte of the answer. */
  firstByteMs: number | null;
}

/** The result: an answer with any status, or a fault outside this server. Never an exception. */
export type Posted =
  | {
      kind: "answer";
      status: number;
      headers: Readonly<Record<string, string>>;
      /** The beginning of the body, at most `responseKeptBytes` of it, as text. */
      body: string;
      /** Whether there was more body than was read or kept. */
      truncated: boolean;
      durationMs: number;
      /** Absent if the transport does not measure them. */
      phases?: Phases;
    }
  | {
      kind: "fault";
      code: FaultCode;
      /**
       * The cause in plain words, for the person who reads the attempt. It does not reveal addresses of this server.
       */
      reason: string;
      durationMs: number;
      /** Absent if the transport does not measure them, or if nothing was started. */
      phases?: Phases;
      /**
       * Something that the operator should see: an unforeseen error, or a proxy that refuses. Never shown to a tenant.
       */
      cause?: unknown;
    };

/** How requests leave this machine, and where they may go. */
export interface EgressOptions extends DestinationRules {
  /** The URL of a proxy that makes all connections with CONNECT: `http://user:password@proxy.internal:3128`. */
  proxy?: string;
  /** Name servers to ask, as `IP` or `IP:PORT`, instead of the machine's own. */
  nameServers?: readonly string[];
}

/** How a delivery is sent. Every result of a request is a value: `post` never rejects. */
export interface Transport {
  post(request: OutgoingRequest): Promise<Posted>;
  /** Ends the requests that have not been sent at all, as `interrupted`. Absent if nothing ever waits to be sent. */
  endUnsent?(): void;
  /** Closes idle connections and ends requests in progress. */
  close(): Promise<void>;
}
