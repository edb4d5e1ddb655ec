import type { ClaimRequest } from "./contract/claim-request.ts";
import type { StoredSecrets } from "./contract/stored-secrets.ts";
import type { TakenOver } from "./contract/taken-over.ts";

/**
 * What the server remembers. One contract, one conformance suite, one folder for each implementation.
 *
 * Times are Unix milliseconds and always arguments: no implementation asks a clock. Ids sort as text in the order
 * they were made, so "newest first" is descending id; but for events, whose ids may be chosen by whoever publishes
 * them, and their deliveries: there it is the order in which they were inserted. Rows handed out are the caller's to keep; changing one
 * changes nothing in the store.
 */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** An account: of a platform, or connected to one, or both. */
export interface AccountRow {
  id: string;
  created: number;
  /** The version its events are rendered by when an endpoint pins none. */
  apiVersion: string;
  deleted: boolean;
  /** The resource's own state. The store does not look inside. */
  data: JsonObject;
}

/** What makes an account a platform, in one mode: each mode has a client id of its own. */
export interface ApplicationRow {
  /** `ca_…`: what OAuth calls the client id. */
  id: string;
  accountId: string;
  livemode: boolean;
  name: string;
  /** Where a user may be sent back to after consenting. The first is the one meant when none is named. */
  redirectUris: string[];
}

/** What a platform may do with a connected account. */
export type Scope = "read_write" | "read_only";

/** An API key. Only its SHA-256 is kept. */
export interface KeyRow {
  /** SHA-256 of the whole key, in hex. */
  hash: string;
  accountId: string;
  livemode: boolean;
  kind: "secret" | "publishable";
  /** What may be shown of it: prefix and last four characters. */
  hint: string;
  created: number;
  expiresAt: number | null;
  /** Set on a key that a connection gave to a platform: it acts for the account and ends with the connection. */
  grant: { platformId: string; livemode: boolean; scope: Scope } | null;
}

/** A platform's access to an account, in one mode. */
export interface ConnectionRow {
  platformId: string;
  accountId: string;
  livemode: boolean;
  created: number;
  /** Whether the platform made the account, and so controls it. */
  controller: boolean;
  scope: Scope;
}

/** A signing secret of an endpoint. */
export interface EndpointSecret {
  secret: string;
  /** Null for the current one; a rolled one signs until then. */
  expiresAt: number | null;
}

export interface EndpointRow {
  id: string;
  accountId: string;
  livemode: boolean;
  /** Whether it hears of connected accounts (a Connect endpoint) or of the account's own activity. */
  connect: boolean;
  url: string;
  enabledEvents: string[];
  apiVersion: string | null;
  description: string | null;
  metadata: Record<string, string>;
  status: "enabled" | "disabled";
  /** Who disabled it: its owner, or we after too many days of failures. Null while enabled. */
  disabledReason: "owner" | "failing" | null;
  /** Newest first. */
  secrets: EndpointSecret[];
  created: number;
  deleted: boolean;
  /** The platform that made it while acting for the account; null when a key of the account's own did. Never changes. */
  madeBy: string | null;
  /** First failure since the last success, or since it was enabled again. */
  firstFailureAt: number | null;
  /** What its owner was last told of its failures; null when there is nothing to take back. */
  toldOf: "failing" | "disabled" | null;
  /** Attempts a second, at most, from each server that sends. Null: the server's own limit. */
  rateLimit: number | null;
}

/** An endpoint's failures since `firstFailureAt`. */
export interface EndpointFailures {
  /** Attempts that failed. */
  count: number;
  last: Pick<AttemptRow, "at" | "outcome" | "status" | "reason">;
}

/** A resource that belongs to an account: a customer, a person, a payout … */
export interface ObjectRow {
  id: string;
  /** Its `object` value: `customer`, `person`, … */
  object: string;
  accountId: string;
  livemode: boolean;
  /** The object it hangs on, if any: lists can be narrowed to it. */
  parent: string | null;
  created: number;
  data: JsonObject;
}

/**
 * Something that happens to an account at a time, unless something else happens first: a verification ends, a payout
 * arrives. There is one of a kind for each subject and mode.
 */
export interface TaskRow {
  accountId: string;
  livemode: boolean;
  /** What happens; names its handler. */
  kind: string;
  /** The id of what it happens to. */
  subject: string;
  /** Unix milliseconds. */
  dueAt: number;
}

/** What happened. Never changes once written. */
export interface EventRow {
  id: string;
  /** The account it happened on. */
  accountId: string;
  livemode: boolean;
  type: string;
  created: number;
  /** The id of `data.object`, if it has one. */
  objectId: string | null;
  /** Set on events that concern one application alone, which only its platform and the account itself may see. */
  applicationId: string | null;
  /** The event as sent, rendered in the account's own version: pretty-printed JSON in UTF-8. */
  body: Uint8Array;
}

/** The same event rendered otherwise, for endpoints that pin a version or for whom it is not a connected account's. */
export interface EventVariant {
  eventId: string;
  /** A name for the rendering, unique within the event. */
  variant: string;
  body: Uint8Array;
}

export type DeliveryState = "pending" | "succeeded" | "exhausted" | "cancelled" | "quarantined";
/** `automatic` deliveries follow from the event and are retried; a `manual` one was asked for and is tried once. */
export type DeliveryKind = "automatic" | "manual";

/** One event owed to one endpoint, when it is first written. */
export interface NewDelivery {
  id: string;
  kind: DeliveryKind;
  event: EventRow;
  endpoint: EndpointRow;
  /** Null for the event's own body, otherwise the name of an `EventVariant` of it. */
  variant: string | null;
  /** The bytes to send: those of the body or variant just named. */
  body: Uint8Array;
  dueAt: number;
  /** When it was made. */
  created: number;
  /** Whether the endpoint was disabled, so that it is written as cancelled and never sent. */
  skipped?: boolean;
}

/** A delivery as people look at it. */
export interface DeliveryRow {
  id: string;
  kind: DeliveryKind;
  eventId: string;
  eventType: string;
  /** The account the event happened on, and the event's mode. */
  eventAccountId: string;
  eventLivemode: boolean;
  endpointId: string;
  /** The endpoint's owner and the endpoint's mode: who may look. */
  accountId: string;
  livemode: boolean;
  state: DeliveryState;
  /** Attempts recorded so far. */
  attempts: number;
  created: number;
  /** When it is tried next; null once it is settled for good. */
  nextAttemptAt: number | null;
  /** The end of the attempt that settled it for good; when it fell due, if nothing was sent. Null while it is pending. */
  settledAt: number | null;
  /** Whether it was cancelled from the first, since its endpoint was disabled when the event was recorded. */
  skipped: boolean;
}

/** One POST for a delivery, and how it ended. */
export interface AttemptRow {
  deliveryId: string;
  /** 1, 2, 3 … */
  number: number;
  at: number;
  durationMs: number;
  /** `succeeded`, `status`, `redirect` or a fault code of the transport. */
  outcome: string;
  /** Null when no answer came. */
  status: number | null;
  /** The outcome in plain words. */
  reason: string;
  /** How long the answer asked to wait before the next attempt (`Retry-After`), as far as that is granted. Null when it did not. */
  retryAfterMs: number | null;
  requestHeaders: Record<string, string>;
  responseHeaders: Record<string, string>;
  /** The beginning of the answer's body. */
  responseBody: string;
}

/** An end of a server that nobody asked for, with so many deliveries under way: begun and not settled. `at` is when the next server found out. */
export interface UncleanEnd {
  at: number;
  underWay: number;
}

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
}

/** An endpoint whose health a batch of attempts may change, and the rules it goes by. */
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
  /** What its owner is told of. */
  changes: EndpointChange[];
}

/** What a change that an owner is still to be told of is called among the objects: its `data` is the `EndpointChange`. */
export const ENDPOINT_NOTICE = "carabiner.endpoint_notice";
/** The kind of task that tells an owner of it; its subject is the notice's id. */
export const ENDPOINT_NOTICE_TASK = "endpoint_notice";

/** Something of an endpoint's health that its owner is told of. */
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

export interface Page {
  limit: number;
  /** Rows after this id in the list's order, newest first; not together with `endingBefore`. */
  startingAfter?: string;
  endingBefore?: string;
}

export interface PageOf<Row> {
  /** Newest first, also with `endingBefore`. */
  rows: Row[];
  hasMore: boolean;
}

/** Bounds in milliseconds. */
export interface TimeRange {
  gt?: number;
  gte?: number;
  lt?: number;
  lte?: number;
}

export interface EventFilter {
  accountId: string;
  livemode: boolean;
  /** Leaves out the events of other applications; undefined shows all. */
  applicationId?: string | null;
  /** Exact types; any of them. */
  types?: readonly string[];
  /** A type in which `*` stands for anything. */
  typePattern?: string;
  /** Types that are left out, whatever else is asked for. */
  exceptTypes?: readonly string[];
  created?: TimeRange;
  /** True: every endpoint it is owed to has it. False: at least one has not. */
  deliverySuccess?: boolean;
}

export interface DeliveryFilter {
  accountId: string;
  livemode: boolean;
  endpointId?: string;
  eventId?: string;
  state?: DeliveryState;
}

export interface ObjectFilter {
  object: string;
  accountId: string;
  livemode: boolean;
  parent?: string;
  created?: TimeRange;
  /** Top-level fields of `data` and the value each must have. */
  where?: Readonly<Record<string, string | number | boolean>>;
  /** Top-level fields of `data` that hold a time in milliseconds, and the bounds it must be in. */
  within?: Readonly<Record<string, TimeRange>>;
}

/** Whose endpoints are meant: an account's, in one mode. */
export interface EndpointFilter {
  accountId: string;
  livemode: boolean;
  /** Only those that this platform made there; null for those that the account made itself; all when left out. */
  madeBy?: string | null;
}

/** What routing needs to know of an account: who may hear of it. */
export interface Subscribers {
  /** The connections other platforms have to it. */
  connections: ConnectionRow[];
  /** Its own endpoints and those of the platforms just named, of both modes; deleted ones left out. */
  endpoints: EndpointRow[];
  /** The default API version of each of those owners, by account id. */
  apiVersions: ReadonlyMap<string, string>;
}

/** An answer kept for an idempotency key. */
export interface IdempotentAnswer {
  /** Whose key, acting for whom, in which mode. */
  scope: string;
  key: string;
  /** A hash of method, path and parameters. */
  fingerprint: string;
  status: number;
  body: string;
  requestId: string;
  created: number;
}

/** Looking, at one moment: every read of a transaction sees the same state. Null means there is none. */
export interface Reads {
  account(id: string): Promise<AccountRow | null>;
  /** Accounts connected to a platform in one mode, deleted ones left out. */
  connectedAccounts(filter: { platformId: string; livemode: boolean; created?: TimeRange }, page: Page): Promise<PageOf<AccountRow>>;
  /** Accounts of all kinds, deleted ones left out. */
  accounts(page: Page): Promise<PageOf<AccountRow>>;
  /** A platform's application in one mode. */
  application(accountId: string, livemode: boolean): Promise<ApplicationRow | null>;
  applicationById(id: string): Promise<ApplicationRow | null>;
  keyByHash(hash: string): Promise<KeyRow | null>;
  connections(platformId: string, accountId: string): Promise<ConnectionRow[]>;
  subscribers(accountId: string): Promise<Subscribers>;
  /** Deleted endpoints included: look at `deleted`. */
  endpoint(id: string): Promise<EndpointRow | null>;
  /** Deleted endpoints left out. */
  endpoints(filter: EndpointFilter, page: Page): Promise<PageOf<EndpointRow>>;
  /** How many endpoints there are; deleted ones left out. */
  countEndpoints(filter: EndpointFilter): Promise<number>;
  /** The failures of those of these endpoints that fail. */
  endpointFailures(endpointIds: readonly string[]): Promise<ReadonlyMap<string, EndpointFailures>>;
  event(id: string): Promise<EventRow | null>;
  eventVariant(eventId: string, variant: string): Promise<EventVariant | null>;
  events(filter: EventFilter, page: Page): Promise<PageOf<EventRow>>;
  /** For each event: the endpoints it is owed to that have not answered with success and are not cancelled. */
  pendingWebhooks(eventIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  delivery(id: string): Promise<DeliveryRow | null>;
  deliveries(filter: DeliveryFilter, page: Page): Promise<PageOf<DeliveryRow>>;
  /** In the order they were made. */
  attempts(deliveryId: string): Promise<AttemptRow[]>;
  /** The unclean ends at which a delivery was under way, oldest first. */
  uncleanEnds(deliveryId: string): Promise<UncleanEnd[]>;
  /** Deliveries of all accounts that are quarantined. */
  countQuarantined(): Promise<number>;
  object(id: string): Promise<ObjectRow | null>;
  objects(filter: ObjectFilter, page: Page): Promise<PageOf<ObjectRow>>;
  /** `since`: answers made before it no longer count. */
  /** What is planned for an account in one mode, the earliest first. */
  tasks(filter: { accountId: string; livemode: boolean }): Promise<TaskRow[]>;
  idempotentAnswer(scope: string, key: string, since: number): Promise<IdempotentAnswer | null>;
  setting(name: string): Promise<Json>;
}

/** Looking and changing. Nothing is seen by others, or kept, before the transaction's end. */
export interface Transaction extends Reads {
  insertAccount(row: AccountRow): Promise<void>;
  /** Replaces `data` and `deleted`. */
  updateAccount(row: AccountRow): Promise<void>;
  insertApplication(row: ApplicationRow): Promise<void>;
  /** Replaces `name` and `redirectUris`. */
  updateApplication(row: ApplicationRow): Promise<void>;
  insertKey(row: KeyRow): Promise<void>;
  deleteKeys(accountId: string): Promise<void>;
  /** The keys a connection gave to its platform are no good from `at` on. */
  expireGrantedKeys(connection: Pick<ConnectionRow, "platformId" | "accountId" | "livemode">, at: number): Promise<void>;
  insertConnection(row: ConnectionRow): Promise<void>;
  deleteConnection(platformId: string, accountId: string, livemode: boolean): Promise<void>;
  insertEndpoint(row: EndpointRow): Promise<void>;
  updateEndpoint(row: EndpointRow): Promise<void>;
  insertObject(row: ObjectRow): Promise<void>;
  /** Replaces `data` and `parent`. */
  updateObject(row: ObjectRow): Promise<void>;
  deleteObject(id: string): Promise<void>;
  /** Replaces one of the same account, mode, kind and subject. */
  scheduleTask(task: TaskRow): Promise<void>;
  /** Does nothing when there is none. */
  cancelTask(task: Omit<TaskRow, "dueAt">): Promise<void>;
  /** Takes out tasks that are due, at most `limit`: by the time they are due, those of one time in the order they were first scheduled. */
  takeDueTasks(now: number, limit: number): Promise<TaskRow[]>;
  /** Only `events/record-event` calls this. */
  insertEvents(events: readonly EventRow[], variants: readonly EventVariant[]): Promise<void>;
  /**
   * Only `events/` calls this. Events and endpoints must be there: else it throws. A delivery that is due and for which the lane has room is written already leased,
   * and handed to it after the commit.
   */
  insertDeliveries(deliveries: readonly NewDelivery[]): Promise<void>;
  /** Makes a quarantined delivery pending again, due at a time, and forgets its unclean ends. Returns false when it is not quarantined. */
  releaseQuarantined(deliveryId: string, dueAt: number): Promise<boolean>;
  /** Replaces an older answer of the same scope and key. */
  insertIdempotentAnswer(row: IdempotentAnswer): Promise<void>;
  saveSetting(name: string, value: Json): Promise<void>;
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

/** What is old. */
export interface PruneRequest {
  /** The time it is, Unix milliseconds. */
  now: number;
  /** Events from before this time, and all that hangs on them, are no longer needed. */
  eventsBefore: number;
  /** Nor are idempotent answers from before this one. */
  answersBefore: number;
  /** Rows of each kind deleted in one call, at most. */
  limit: number;
}

export interface Store {
  readonly secrets: StoredSecrets;
  /**
   * Runs `work` so that all of what it changes is kept or none, as if transactions ran one after another. Resolves
   * once the change is durable. `work` may await the transaction only, and may be run again when a store has to: it
   * must change nothing else. What it throws is thrown on, with nothing changed; a change or a read that failed fails
   * the whole, also when the work went on regardless.
   * Throws `StoreUnavailable` when nothing can be stored.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** The same for looking only. */
  read<T>(work: (reads: Reads) => Promise<T>): Promise<T>;
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
  /** The time the earliest task is due; null when there is none. */
  nextTaskAt(): Promise<number | null>;
  /** `listener` is told, after each commit that scheduled tasks, when the earliest of them is due. Null ends that. */
  onTask(listener: ((dueAt: number) => void) | null): void;
  /**
   * Notes that attempts begin and that others are settled, or given up by a process that stops, by the tokens of their claims:
   * the next process finds out what was under way. Survives the end of the process, not that of the machine. An attempt may
   * begin when this returns null or resolves. Throws or rejects with `StoreUnavailable`.
   */
  noteUnderWay(begun: readonly ClaimToken[], settled: readonly ClaimToken[]): Promise<void> | null;
  /** Takes over, as `beat` does, from an earlier process in this place and from those that said they are ending. Call before the engine starts. */
  releaseLeases(now: number): Promise<TakenOver>;
  /**
   * Says that this process lives, to those who share its database, and ends the leases of those who have not said so
   * since `goneBefore`. A process that has its database alone says it to nobody. Throws `UnfitDatabase` when another has made
   * it one that this version cannot work with.
   *
   * What one of them had under way is not simply due again. A delivery that was alone under way, for the second time, is
   * quarantined. All others are suspects of this process: nobody can claim them but by `nextSuspect`, until `releaseSuspects`.
   */
  beat(now: number, goneBefore: number): Promise<TakenOver>;
  /** Leases a suspect of this process, which is none from then on: the most suspicious first. Null when there is none. */
  nextSuspect(request: Pick<ClaimRequest, "now" | "leaseMs">): Promise<Claim | null>;
  /** Suspects of this process are deliveries like any other again, due when they were before. Returns how many. */
  releaseSuspects(): Promise<number>;
  /** The time by which those who share a database agree, Unix milliseconds; null for a process that has its database alone. */
  sharedTime(): Promise<number | null>;
  /**
   * Deletes what is old, a little at once: at most `limit` rows of each kind. Returns how many went, and 0 when nothing more
   * can go now. An event goes with its variants, deliveries and attempts, when it is from before `eventsBefore` and none of
   * its deliveries is pending. A store that keeps events in partitions drops those whole: there an event goes later, with
   * the others of its partition. It counts as gone once it can no longer be retrieved, and may be listed a little longer.
   */
  prune(request: PruneRequest): Promise<number>;
  attach(lane: HotLane | null): void;
  close(): Promise<void>;
}

/** A database that is there and must not be used: a newer server wrote it, or it would lose what it acknowledges. The message says what to change. */
export class UnfitDatabase extends Error {
  override readonly name = "UnfitDatabase";
}

/** Nothing can be stored at the moment: disk full, disk failing, database gone. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
  /** False: nothing was changed. True: nobody knows, since the database went away before it said whether it kept the change. */
  readonly uncertain: boolean;

  constructor(message: string, { uncertain = false, ...options }: ErrorOptions & { uncertain?: boolean } = {}) {
    super(message, options);
    this.uncertain = uncertain;
  }
}

/** An id, or another value that must be unique, exists already. Nothing was changed. */
export class Conflict extends Error {
  override readonly name = "Conflict";
}
