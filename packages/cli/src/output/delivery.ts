import { formatDuration } from "./duration.ts";
import { inFewWords } from "./explanation.ts";
import { printable } from "./printable.ts";
import type { Column } from "./table.ts";
import type { Colours } from "./terminal.ts";
import { formatTimestamp } from "./timestamp.ts";

/** A delivery, as the console shows it. Times are Unix seconds. */
export interface Delivery {
  id: string;
  kind: "automatic" | "manual" | "resent";
  event: string;
  event_type: string;
  account: string;
  livemode: boolean;
  webhook_endpoint: string;
  state: "pending" | "succeeded" | "exhausted" | "cancelled" | "quarantined";
  attempt_count: number;
  created: number;
  next_attempt_at: number | null;
  settled_at: number | null;
  /** Why it was cancelled or quarantined; null in any other state. */
  reason: string | null;
  /** The outcome of its last attempt; null before the first. */
  last_attempt: Pick<Attempt, "at" | "duration_ms" | "outcome" | "status" | "reason"> | null;
}

/** One POST of a delivery. */
export interface Attempt {
  number: number;
  at: number;
  duration_ms: number;
  outcome: string;
  status: number | null;
  reason: string;
  /** How long its parts took, in milliseconds; null for a part that was not needed, or if nothing was measured. */
  phases: {
    connection: "new" | "reused";
    dns_ms: number | null;
    connect_ms: number | null;
    tls_ms: number | null;
    first_byte_ms: number | null;
    total_ms: number;
  } | null;
  request_headers: Record<string, string>;
  /** Null once the answer is no longer kept. */
  response_headers: Record<string, string> | null;
  response_body: string | null;
}

/** A delivery with all its attempts. */
export interface DeliveryInFull extends Delivery {
  attempts: Attempt[];
  /** What each attempt sends, apart from its headers. The URL is the endpoint's current one. */
  request: { method: "POST"; url: string | null; body: string | null };
  /** When the server ended unexpectedly during an attempt, and whether no other attempt was under way. */
  unclean_ends: { at: number; alone: boolean }[];
}

/** A delivery's state, in its colour. */
export function formatState(state: Delivery["state"], colours: Colours): string {
  const { yellow, green, red, dim } = colours;
  const dress = { pending: yellow, succeeded: green, exhausted: red, cancelled: dim, quarantined: red }[state];
  return dress === undefined ? printable(state) : dress(state);
}

/**
 * Why a delivery is in its state, in few words: the server's reason, or its last attempt's outcome, without
 * explanation.
 */
export function lastOutcome({ reason, last_attempt }: Delivery): string {
  return printable(reason ?? (last_attempt == null ? "not tried yet" : inFewWords(last_attempt.reason ?? "-")));
}

/** The columns of a list of deliveries. */
export function deliveryColumns(colours: Colours): Column<Delivery>[] {
  return [
    { head: "ID", cell: ({ id }) => printable(id) },
    { head: "STATE", cell: ({ state }) => formatState(state, colours) },
    { head: "TRIES", cell: (delivery) => String(delivery.attempt_count), align: "right", dropped: 4 },
    { head: "EVENT TYPE", cell: (delivery) => printable(delivery.event_type), cut: "middle", least: 14 },
    { head: "ACCOUNT", cell: ({ account }) => printable(account), cut: "middle", dropped: 2 },
    { head: "EVENT", cell: ({ event }) => printable(event), dropped: 6 },
    { head: "ENDPOINT", cell: (delivery) => printable(delivery.webhook_endpoint), dropped: 5 },
    { head: "LAST OUTCOME", cell: lastOutcome, cut: "end", least: 20, dropped: 1 },
    { head: "CREATED (UTC)", cell: ({ created }) => formatTimestamp(created), dropped: 7 },
    { head: "NEXT TRY (UTC)", cell: (delivery) => formatTimestamp(delivery.next_attempt_at), dropped: 3 },
  ];
}

/** The columns of a list of attempts; `first` is the delivery's creation time. */
export function attemptColumns(first: number, colours: Colours): Column<Attempt>[] {
  return [
    { head: "TRY", cell: ({ number }) => String(number), align: "right" },
    { head: "AT (UTC)", cell: ({ at }) => formatTimestamp(at) },
    { head: "AFTER", cell: ({ at }) => formatDuration(at - first), align: "right", dropped: 1 },
    { head: "TOOK", cell: (attempt) => `${attempt.duration_ms} ms`, align: "right" },
    { head: "STATUS", cell: ({ status }) => (status === null ? "-" : String(status)) },
    { head: "OUTCOME", cell: ({ outcome }) => (outcome === "succeeded" ? colours.green : colours.red)(printable(outcome)) },
    { head: "WHY", cell: ({ reason }) => printable(reason), cut: "end" },
  ];
}

/**
 * How long the parts of an attempt took, as in `name 1.2 ms, connect 0.4 ms, first byte 5 ms`; null if not measured.
 */
export function phasesInWords({ phases }: Attempt): string | null {
  if (phases == null) return null;
  const parts = [
    ["name", phases.dns_ms],
    ["connect", phases.connect_ms],
    ["TLS", phases.tls_ms],
    ["first byte", phases.first_byte_ms],
  ] as const;
  const done = parts.flatMap(([part, ms]) => (ms == null ? [] : [`${part} ${ms} ms`]));
  return [...(phases.connection === "reused" ? ["connection reused"] : []), ...done, `total ${phases.total_ms ?? "-"} ms`].join(", ");
}
