import type { ClaimRequest } from "./claim-request.ts";
import type { AttemptRow, DeliveryKind, EndpointFailures, EndpointRow } from "./rows.ts";

/** What a claim is fenced by: another for each lease of a delivery. Only the store knows what is in it. */
export type ClaimToken = number | string;

/** A delivery leased to one engine. The token fences: once the lease was given to another, this one's is refused. */
export interface Claim {
  deliveryId: string;
  kind: DeliveryKind;
  token: ClaimToken;
  leaseUntil: number;
  /** When it fell due. */
  dueAt: number;
  /** When the delivery was made: how long it has been tried counts from here. */
  created: number;
  /** The number of the attempt to make now: 1 for the first. */
  attempt: number;
  event: { id: string; type: string; livemode: boolean };
  endpoint: Pick<
    EndpointRow,
    "id" | "accountId" | "livemode" | "url" | "status" | "deleted" | "secrets" | "firstFailureAt" | "toldOf" | "rateLimit"
  >;
  body: Uint8Array;
}

/** What an attempt changes. */
export interface Settlement {
  deliveryId: string;
  endpointId: string;
  token: ClaimToken;
  /** Null when nothing was sent: the delivery was cancelled or put off. */
  attempt: AttemptRow | null;
  next: { state: "succeeded" | "exhausted" | "cancelled" } | { state: "pending"; dueAt: number };
  /** From the delivery's creation to its first attempt, milliseconds; left out for later attempts. Measured, not stored. */
  firstAttemptAfterMs?: number;
}

/** An endpoint whose health a batch of attempts may change, and the rules for that. */
export interface EndpointCheck {
  endpointId: string;
  /** From the first failure to the warning. */
  warningMs: number;
  /** From the first failure to being disabled. */
  failingMs: number;
}

/** How an endpoint was found when it was checked. */
export interface EndpointCondition {
  endpointId: string;
  /** Whether it fails, or its owner was told so: a success changes something then. */
  troubled: boolean;
  /** What its owner is told. */
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
  /** Since when it fails, or failed. */
  firstFailureAt: number;
}

/** The `object` of a change that is not yet reported to the owner. Its `data` is the `EndpointChange`. */
export const ENDPOINT_NOTICE = "carabiner.endpoint_notice";

/** The kind of task that tells an owner of it; its subject is the notice's id. */
export const ENDPOINT_NOTICE_TASK = "endpoint_notice";

/** A change of an endpoint's health that is reported to its owner. */
export interface EndpointChange {
  endpointId: string;
  /** Its owner, and its mode. */
  accountId: string;
  livemode: boolean;
  /** It has failed for so long that its owner is warned; for so long that it is disabled; it answers again after that. */
  kind: "failing" | "disabled" | "recovered";
  /** When the attempt began that showed it. */
  at: number;
  /** Of the failures that led to it, or that are over. Null after it was enabled again. */
  firstFailureAt: number | null;
  failures: EndpointFailures | null;
}

/** An endpoint and whose it is. */
export type OwnedEndpoint = Pick<EndpointRow, "id" | "accountId">;

/** The way from a commit straight to the sender. The engine is one; the store calls it. */
export interface HotLane {
  /** Room for one more of this endpoint, with a body of so many bytes: the lease to write, or null. Room given is kept until accepted or released. */
  reserve(endpoint: OwnedEndpoint, now: number, bytes: number): { leaseUntil: number } | null;
  /** After the commit: what was reserved, leased and durable. */
  accept(claims: readonly Claim[]): void;
  /** The transaction failed: the room is free again. */
  release(endpointId: string, count: number, bytes: number): void;
  /** After a commit that left something to claim: the earliest time it is due. */
  due(at: number): void;
  /** After a commit that changed an endpoint: claims of it that have not started are as it was before. */
  changed(endpointId: string): void;
}

/** What the engine asks of a store. */
export interface DeliveryStore {
  /**
   * Leases due deliveries, endpoints in turn: no endpoint waits for another's queue. The lease is durable before
   * the claims are handed out. Deliveries of disabled and deleted endpoints are handed out too; the engine cancels them.
   */
  claimDue(request: ClaimRequest): Promise<Claim[]>;
  /**
   * Writes what attempts changed, all in one commit. A settlement whose token is no longer the delivery's, or whose
   * delivery is not pending, changes nothing; its id is returned. A token is good for one settlement. Of each endpoint in
   * `checks` the attempts that were kept decide its health (`next-health.ts`), one commit after another, whichever node
   * they come from; a notice and a task for each change of which its owner is told are written with it
   * (`endpoint-notice.ts`). How these endpoints were found is returned; left out where none was to be checked.
   */
  settle(
    settlements: readonly Settlement[],
    checks: readonly EndpointCheck[],
  ): Promise<{ refused: string[]; checked?: EndpointCondition[] }>;
  /**
   * No delivery can be claimed before this time; null when none is pending. Leases count until they end. Deliveries to the
   * endpoints in `except` do not count.
   */
  nextDueAt(except?: ReadonlySet<string>): Promise<number | null>;
  /**
   * Notes that attempts begin and that others are settled, or given up by a process that stops, by the tokens of their claims:
   * the next process finds out what was under way. Survives the end of the process, not that of the machine. An attempt may
   * begin when this returns null or resolves. Throws or rejects with `StoreUnavailable`.
   */
  noteUnderWay(begun: readonly ClaimToken[], settled: readonly ClaimToken[]): Promise<void> | null;
  /** Leases a suspect of this process, which is none from then on: the most suspicious first. Null when there is none. */
  nextSuspect(request: Pick<ClaimRequest, "now" | "leaseMs">): Promise<Claim | null>;
  /** Suspects of this process are deliveries like any other again, due when they were before. Returns how many. */
  releaseSuspects(): Promise<number>;
  attach(lane: HotLane | null): void;
}
