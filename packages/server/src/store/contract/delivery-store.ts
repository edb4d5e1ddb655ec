import type { ClaimRequest } from "./claim-request.ts";
import type { EndpointRules } from "./platform-settings.ts";
import type { AttemptRow, DeliveryKind, EndpointFailures, EndpointHold, EndpointRow } from "./rows.ts";

/** Fences a claim: each lease of a delivery has a different token. Only the store knows its content. */
export type ClaimToken = number | string;

/** A delivery leased to one engine. Once another engine has the lease, the store refuses this token. */
export interface Claim {
  deliveryId: string;
  kind: DeliveryKind;
  token: ClaimToken;
  leaseUntil: number;
  /** When it fell due. */
  dueAt: number;
  /** When the delivery was made: the retry period starts here. */
  created: number;
  /** The number of the attempt to make now: 1 for the first. */
  attempt: number;
  event: { id: string; type: string; livemode: boolean };
  endpoint: Pick<
    EndpointRow,
    "id" | "accountId" | "livemode" | "url" | "status" | "deleted" | "secrets" | "firstFailureAt" | "toldOf" | "rateLimit" | "pausedAt"
  >;
  body: Uint8Array;
  /** The span of the attempt, as its `traceparent` header names it. Tracing adds it; no store keeps it. */
  traceparent?: string;
}

/** What an attempt changes. */
export interface Settlement {
  deliveryId: string;
  endpointId: string;
  token: ClaimToken;
  /** Null when nothing was sent: the delivery was cancelled or put off. */
  attempt: AttemptRow | null;
  next: { state: "succeeded" | "exhausted" | "cancelled" } | { state: "pending"; dueAt: number };
  /**
   * From the delivery's creation to its first attempt, milliseconds; absent for later attempts. It is measured, not
   * stored.
   */
  firstAttemptAfterMs?: number;
}

/** An endpoint whose health a batch of attempts may change, and the rules for that where its platform has set none. */
export interface EndpointCheck extends EndpointRules {
  endpointId: string;
  /** Whether the engine leaves it alone from now on. This is stored with a failure, to be shown. Absent means no. */
  held?: EndpointHold | null;
}

/** The state of an endpoint when it was checked. */
export interface EndpointCondition {
  endpointId: string;
  /** Whether it fails, or its owner was notified of failures: then a success changes something. */
  troubled: boolean;
  /** The notices to its owner. */
  changes: EndpointChange[];
  /** Whether it began to fail, or answers again; null when these attempts changed neither. */
  turn: EndpointTurn | null;
}

/** The first failure of an endpoint after a success, or the first success after a failure. */
export interface EndpointTurn {
  to: "failing" | "healthy";
  /** Its owner, and its mode. */
  accountId: string;
  livemode: boolean;
  /** When it began to fail. */
  firstFailureAt: number;
}

/** The `object` of a change that is not yet reported to the owner. Its `data` is the `EndpointChange`. */
export const ENDPOINT_NOTICE = "carabiner.endpoint_notice";

/** The kind of task that notifies the owner; its subject is the notice's id. */
export const ENDPOINT_NOTICE_TASK = "endpoint_notice";

/** A change of an endpoint's health that is reported to its owner. */
export interface EndpointChange {
  endpointId: string;
  /** Its owner, and its mode. */
  accountId: string;
  livemode: boolean;
  /** It has failed long enough for a warning, or long enough to be disabled, or it answers again after either. */
  kind: "failing" | "disabled" | "recovered";
  /** When the attempt that showed it began. */
  at: number;
  /** The failures that led to this, or that have ended. Null after the endpoint was enabled again. */
  firstFailureAt: number | null;
  failures: EndpointFailures | null;
}

/** An endpoint and its owner. */
export type OwnedEndpoint = Pick<EndpointRow, "id" | "accountId">;

/** An endpoint that is left alone for a while. */
export interface HeldEndpoint extends OwnedEndpoint {
  held: EndpointHold;
}

/** What nodes that do not send may lease for an engine, until it announces something else. */
export interface HandOffRoom {
  /** How many deliveries; 0 for none. */
  room: number;
  /** How long their leases must last, milliseconds. */
  leaseMs: number;
}

/** The direct way from a commit to the sender. The engine implements it; the store calls it. */
export interface HotLane {
  /**
   * Reserves room for one more delivery with a body of this size, until it is accepted or released. Returns the lease,
   * or null without room.
   */
  reserve(endpoint: OwnedEndpoint, now: number, bytes: number): { leaseUntil: number } | null;
  /** After the commit: the reserved claims, now leased and durable. */
  accept(claims: readonly Claim[]): void;
  /** The transaction failed: the room is free again. */
  release(endpointId: string, count: number, bytes: number): void;
  /** After a commit that left something to claim: the earliest due time. */
  due(at: number): void;
  /** After a commit that changed an endpoint: its claims that have not started are outdated. */
  changed(endpointId: string): void;
  /** What other nodes may lease for this engine now. Absent means nothing. */
  takes?(): HandOffRoom;
  /** Claims that another node leased for this engine. Returns those that it has no room for. */
  take?(claims: readonly Claim[]): readonly Claim[];
}

/** The part of a store that the engine uses. */
export interface DeliveryStore {
  /**
   * Leases due deliveries, endpoints in turn, so that no endpoint waits for another's queue. The lease is durable
   * before the claims are returned. Deliveries of disabled and deleted endpoints are included; the engine cancels them.
   * Deliveries of paused endpoints are not.
   */
  claimDue(request: ClaimRequest): Promise<Claim[]>;
  /**
   * Writes what attempts changed, all in one commit. A settlement whose token is no longer the delivery's, or whose
   * delivery is not pending, changes nothing; its id is returned. A token is valid for one settlement. For each
   * endpoint in `checks`, the recorded attempts decide its health (`next-health.ts`), commit by commit, whichever node
   * they come from. The commit includes a notice and a task for each change that its owner must know about
   * (`endpoint-notice.ts`). A failing endpoint that had a success and no check is treated in the same way: another node
   * has noticed since the claim that it fails. Returns the state of these endpoints, or nothing if there are none.
   */
  settle(
    settlements: readonly Settlement[],
    checks: readonly EndpointCheck[],
  ): Promise<{ refused: string[]; checked?: EndpointCondition[] }>;
  /**
   * The earliest time at which a delivery may be claimed; null when none is pending. For a leased delivery that is the
   * end of its lease. Ignores deliveries to paused endpoints, and to those in `except`.
   */
  nextDueAt(except?: ReadonlySet<string>): Promise<number | null>;
  /**
   * Records, by the tokens of their claims, attempts that begin, and attempts that are settled or that a stopping
   * process abandons. So the next process learns what was under way. These notes survive the end of the process, but
   * not of the machine. An attempt may begin when this returns null or resolves. Throws or rejects with
   * `StoreUnavailable`.
   */
  noteUnderWay(begun: readonly ClaimToken[], settled: readonly ClaimToken[]): Promise<void> | null;
  /**
   * Leases a suspect of this process, the most suspicious first. It is then no longer a suspect. Null if there are no
   * suspects.
   */
  nextSuspect(request: Pick<ClaimRequest, "now" | "leaseMs">): Promise<Claim | null>;
  /**
   * Makes suspects of this process normal deliveries again, due at their earlier times. Returns how many there were.
   */
  releaseSuspects(): Promise<number>;
  attach(lane: HotLane | null): void;
}
