/** Why a request was refused. It goes to the log and to `onReport`, never to the caller. */
export type RefusalReason =
  | "method"
  | "too_large"
  | "body_cut_short"
  | "body_consumed"
  | "header_missing"
  | "header_malformed"
  | "signature_mismatch"
  | "body_reserialized"
  | "timestamp_old"
  | "timestamp_future"
  | "not_json"
  | "not_an_event"
  | "secret_unavailable"
  | "inbox_unavailable"
  | "handler_failed";

/** The event that a report is about, without its content. */
export interface ReportedEvent {
  id: string;
  type: string;
  account: string | null;
  livemode: boolean;
  /** The endpoint whose secret verified it. */
  endpoint: string;
}

/** A request was answered with something other than 200. */
export interface Refused {
  kind: "refused";
  reason: RefusalReason;
  status: number;
  /** What happened and what to do about it, in plain words. */
  says: string;
  /**
   * For timestamps: this machine's time minus the signature's, in seconds; positive when the signature is in the past.
   */
  skewSeconds?: number;
}

/** The outcome of a verified event. Each is answered 200. */
export type ReceivedOutcome = "stored" | "duplicate" | "wrong_mode" | "unhandled" | "quarantined" | "mismatched";

/** A verified event came in. */
export interface Received {
  kind: "received";
  outcome: ReceivedOutcome;
  event: ReportedEvent;
  /** From the event's `created` until now, in milliseconds. */
  ageMs: number;
  /** A hint, or what to do, if there is anything to say. */
  says?: string;
}

/** One try of a handler ended. */
export interface Handled {
  kind: "handled";
  /**
   * `lost`: another process had taken the work over, so this try was rolled back. `stale`: a newer state of the object
   * is known. `cancelled`: the account has gone.
   */
  outcome: "done" | "retry" | "deferred" | "dead" | "discarded" | "stale" | "cancelled" | "quarantined" | "lost";
  event: ReportedEvent;
  handler: string;
  /** 1 for the first. */
  attempt: number;
  durationMs: number;
  /** When the next try is due, Unix milliseconds. */
  nextAt?: number;
  error?: unknown;
  says?: string;
}

/** An account left, or came back. */
export interface Connection {
  kind: "connection";
  outcome: "deauthorized" | "authorized" | "stale";
  account: string;
  livemode: boolean;
  /** How many pieces of queued work were cancelled. */
  cancelled: number;
  /** How many pieces of work leave quarantine. */
  released: number;
  says?: string;
}

/** A problem beyond one request: the inbox cannot be reached, a report was not accepted. */
export interface Trouble {
  kind: "trouble";
  says: string;
  error?: unknown;
}

/** What the receiver reports: for logs, counters and spans. It has no secrets, signatures or bodies. */
export type Report = Refused | Received | Handled | Connection | Trouble;

/** Takes reports. Errors it throws are ignored. */
export type Reporter = (report: Report) => void;

/** Reports that need attention, as one line for a log; null for the rest. */
export function logLine(report: Report): string | null {
  switch (report.kind) {
    case "refused":
      return `webhook refused with ${report.status} (${report.reason}): ${report.says}`;
    case "received":
      return report.says === undefined ? null : `${named(report.event)}: ${report.says}`;
    case "handled":
      return report.says === undefined
        ? null
        : `${named(report.event)}, handler "${report.handler}", try ${report.attempt}: ${report.says}`;
    case "connection":
      return report.says === undefined ? null : `${report.account} (${report.livemode ? "live" : "test"}): ${report.says}`;
    case "trouble":
      return report.says;
  }
}

function named({ id, type, account, livemode }: ReportedEvent): string {
  return `${type} ${id}${account === null ? "" : ` of ${account}`} (${livemode ? "live" : "test"})`;
}
