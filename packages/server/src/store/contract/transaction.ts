import type { Backlog, Waiting } from "./backlog.ts";
import type { BatchReads } from "./batch-reads.ts";
import type { HeldEndpoint } from "./delivery-store.ts";
import type { DeliveryWalk, WalkedDeliveries } from "./delivery-walk.ts";
import type { FigureReads } from "./figure-reads.ts";
import type { PlatformSettings } from "./platform-settings.ts";
import type {
  AccountRow,
  ApplicationRow,
  AttemptRow,
  AuditAct,
  AuditRow,
  ConnectionRow,
  DeliveryRow,
  DeliveryState,
  EndpointFailures,
  EndpointRow,
  EventPayload,
  EventRow,
  EventVariant,
  IdempotentAnswer,
  Json,
  KeyRow,
  LastAttempt,
  ListedKey,
  ListedOperator,
  ListenSessionRow,
  NewDelivery,
  ObjectRow,
  OperatorRow,
  RequestRow,
  TaskRow,
  UncleanEnd,
} from "./rows.ts";
import type { DashboardSessionRow } from "./session-store.ts";
import type { Storage } from "./storage.ts";

export interface Page {
  limit: number;
  /** Rows after this id in the list's order, newest first; not together with `endingBefore`. */
  startingAfter?: string;
  endingBefore?: string;
}

export interface PageOf<Row> {
  /** Newest first, even with `endingBefore`. */
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
  /** Exact types; an event may have any of them. */
  types?: readonly string[];
  /** A type in which `*` matches anything. */
  typePattern?: string;
  /** Types to exclude, regardless of the other filters. */
  exceptTypes?: readonly string[];
  /** Only whole events, or only thin ones. */
  payload?: EventPayload;
  /** Only events about this object. */
  objectId?: string;
  created?: TimeRange;
  /** True: every endpoint that is owed it has received it. False: at least one has not. */
  deliverySuccess?: boolean;
  /** Includes events of accounts connected to a platform. */
  connectedTo?: ConnectedEvents;
}

/** Limits the events of accounts that a platform's key may act for to those that the platform may see. */
export interface ConnectedEvents {
  platformId: string;
  /**
   * Its application: excludes events of others. Events of its own application remain visible after the account has
   * disconnected.
   */
  applicationId: string | null;
  /** Types that only the account itself may see. */
  exceptTypes: readonly string[];
}

export interface DeliveryFilter {
  accountId: string;
  livemode: boolean;
  endpointId?: string;
  eventId?: string;
  state?: DeliveryState;
  /** True: at least one attempt was made. False: no attempt was made yet. */
  tried?: boolean;
  /**
   * Only deliveries whose event has no other delivery to the endpoint that arrived or is waiting. Without deleted
   * endpoints.
   */
  unreceived?: true;
  /** Only deliveries of events that happened on this account. */
  eventAccountId?: string;
  /** Only deliveries of events of this type. */
  eventType?: string;
  /** Only deliveries of events of a type in which `*` matches anything. */
  eventTypePattern?: string;
  /** Statuses that answered the last attempt, as ranges with both ends included; any of them. */
  statuses?: readonly (readonly [from: number, to: number])[];
  /** The fault that ended the last attempt without an answer, such as `timeout`. Used instead of `statuses`. */
  fault?: string;
  /** When it was made. */
  created?: TimeRange;
}

export interface ObjectFilter {
  object: string;
  accountId: string;
  livemode: boolean;
  parent?: string;
  created?: TimeRange;
  /** Top-level fields of `data` and the value each must have. */
  where?: Readonly<Record<string, string | number | boolean>>;
  /** Top-level fields of `data` that hold a time in milliseconds, and the bounds for each. */
  within?: Readonly<Record<string, TimeRange>>;
}

/** A filter of requests. */
export interface RequestFilter {
  /** The account whose keys made them, in one mode. */
  callerId: string;
  livemode: boolean;
  /** The account they acted for. */
  accountId?: string;
  /** Only requests that acted for another account than this one. */
  exceptAccountId?: string;
  methods?: readonly string[];
  /** The beginning of the path, with ids or as the route's pattern. */
  pathPrefix?: string;
  /** Statuses, as ranges with both ends included; any of them. */
  statuses?: readonly (readonly [from: number, to: number])[];
  /** Stripe's error code, or the error's name in the table. */
  error?: string;
  at?: TimeRange;
}

/** A filter of the audit log. */
export interface AuditFilter {
  /** Acts on this account. */
  accountId?: string;
  /** This act, or a group of acts that ends in `.*`. */
  act?: string;
  /** Who did it. */
  by?: string;
  /** What it affects. */
  subject?: string;
  at?: TimeRange;
}

/** A filter of endpoints: those of an account, in one mode. */
export interface EndpointFilter {
  accountId: string;
  livemode: boolean;
  /** Only endpoints that this platform made there; null: those that the account made; undefined: all. */
  madeBy?: string | null;
  /** Only endpoints that receive whole events, or only those that receive thin ones. */
  payload?: EventPayload;
}

/** The routing data of an account: who may receive its events. */
export interface Subscribers {
  /** The connections that other platforms have to it. */
  connections: ConnectionRow[];
  /** Its own endpoints and those of the platforms just named, of both modes; without deleted ones. */
  endpoints: EndpointRow[];
  /** The default API version of each of those owners, by account id. */
  apiVersions: ReadonlyMap<string, string>;
}

/** An account whose rows are deleted. */
export interface ErasedAccount {
  accountId: string;
  /** The account whose erasure was requested: this one, or the platform that it is erased with. */
  erasure: string;
  /** Unix milliseconds. */
  now: number;
}

/** Reads: all reads of a transaction see the same state. Null means not found. */
export interface Reads extends BatchReads, FigureReads {
  account(id: string): Promise<AccountRow | null>;
  /** Accounts connected to a platform in one mode, without deleted ones. */
  connectedAccounts(filter: { platformId: string; livemode: boolean; created?: TimeRange }, page: Page): Promise<PageOf<AccountRow>>;
  /** Accounts of all kinds, without deleted ones. */
  accounts(page: Page): Promise<PageOf<AccountRow>>;
  /** Deleted accounts that a platform created in one mode. */
  closedAccounts(filter: { platformId: string; livemode: boolean }, page: Page): Promise<PageOf<AccountRow>>;
  /** The ids of accounts that a platform created and that were deleted. */
  deletedAccounts(platformId: string, limit: number): Promise<string[]>;
  /**
   * Which platform created each account, deleted ones included; null for an account that no platform created. In the
   * order of their ids, after a given id, at most `limit`.
   */
  creators(after: string, limit: number): Promise<{ id: string; createdBy: string | null }[]>;
  /** Accounts that have an application, without deleted ones. */
  platforms(page: Page): Promise<PageOf<AccountRow>>;
  /** A platform's own settings; null if it has none. */
  platformSettings(accountId: string): Promise<PlatformSettings | null>;
  /** The settings of all platforms that have their own retention. */
  retentions(): Promise<PlatformSettings[]>;
  /** A platform's application in one mode. */
  application(accountId: string, livemode: boolean): Promise<ApplicationRow | null>;
  applicationById(id: string): Promise<ApplicationRow | null>;
  keyByHash(hash: string): Promise<KeyRow | null>;
  /** An account's keys in both modes, newest first, including expired ones, but not those of platforms' connections. */
  ownKeys(accountId: string): Promise<ListedKey[]>;
  operatorByHash(hash: string): Promise<OperatorRow | null>;
  /** All operators, newest first, including those whose keys have expired. */
  operators(): Promise<ListedOperator[]>;
  /** The audit log, newest first. Cursors are the numbers of entries. */
  audit(filter: AuditFilter, page: Page): Promise<PageOf<AuditRow>>;
  connections(platformId: string, accountId: string): Promise<ConnectionRow[]>;
  subscribers(accountId: string): Promise<Subscribers>;
  /** Includes deleted endpoints: check `deleted`. */
  endpoint(id: string): Promise<EndpointRow | null>;
  /** Excludes deleted endpoints. */
  endpoints(filter: EndpointFilter, page: Page): Promise<PageOf<EndpointRow>>;
  /** The number of endpoints, without deleted ones. */
  countEndpoints(filter: EndpointFilter): Promise<number>;
  /** The failures of those among these endpoints that are failing. */
  endpointFailures(endpointIds: readonly string[]): Promise<ReadonlyMap<string, EndpointFailures>>;
  /**
   * Failing endpoints that are left alone until later than `now`, without paused ones. At most `limit`, those that are
   * left alone longest first.
   */
  heldEndpoints(now: number, limit: number): Promise<HeldEndpoint[]>;
  event(id: string): Promise<EventRow | null>;
  eventVariant(eventId: string, variant: string): Promise<EventVariant | null>;
  events(filter: EventFilter, page: Page): Promise<PageOf<EventRow>>;
  /** For each event: its endpoints that have not answered with success and are not cancelled. */
  pendingWebhooks(eventIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  delivery(id: string): Promise<DeliveryRow | null>;
  deliveries(filter: DeliveryFilter, page: Page): Promise<PageOf<DeliveryRow>>;
  /** The deliveries of these events to an owner's endpoints, at most `each` of one event, the newest first. */
  deliveriesOfEvents(
    owner: { accountId: string; livemode: boolean },
    eventIds: readonly string[],
    each: number,
  ): Promise<ReadonlyMap<string, DeliveryRow[]>>;
  /** One step of a walk through deliveries, in the order in which they were made. */
  walkDeliveries(walk: DeliveryWalk): Promise<WalkedDeliveries>;
  /** In the order in which they were made. */
  attempts(deliveryId: string): Promise<AttemptRow[]>;
  /** The outcome of the last attempt of each of these deliveries that has had one. */
  lastAttempts(deliveryIds: readonly string[]): Promise<ReadonlyMap<string, LastAttempt>>;
  /** The unclean ends at which a delivery was under way, oldest first. */
  uncleanEnds(deliveryId: string): Promise<UncleanEnd[]>;
  /** Quarantined deliveries of all accounts. */
  countQuarantined(): Promise<number>;
  /**
   * The work that is waiting at `now`, of all accounts. Counts deliveries up to `countUpTo`, so that it stays cheap.
   */
  backlog(now: number, countUpTo: number): Promise<Backlog>;
  /**
   * Whether the store takes writes now. False while a shared database is read-only: a standby, or a database that was
   * set so. A file always takes them as far as is known before a write.
   */
  takesWrites(): Promise<boolean>;
  /** What the store keeps, and how much space that takes. */
  storage(): Promise<Storage>;
  /** What waits for one endpoint at `now`. Counts up to `countUpTo`. */
  waiting(endpointId: string, now: number, countUpTo: number): Promise<Waiting>;
  object(id: string): Promise<ObjectRow | null>;
  objects(filter: ObjectFilter, page: Page): Promise<PageOf<ObjectRow>>;
  /** What is planned for an account in one mode, the earliest first. */
  tasks(filter: { accountId: string; livemode: boolean }): Promise<TaskRow[]>;
  /** What is planned of one kind, of all accounts, at most `limit`, the earliest first. Examines all planned tasks. */
  tasksOfKind(kind: string, limit: number): Promise<TaskRow[]>;
  /** The answer stored for a key; null if there is no answer, or if it is from before `since`. */
  idempotentAnswer(scope: string, key: string, since: number): Promise<IdempotentAnswer | null>;
  setting(name: string): Promise<Json>;
  request(id: string): Promise<RequestRow | null>;
  /** In the order of writing, which is nearly the order of answering. */
  requests(filter: RequestFilter, page: Page): Promise<PageOf<RequestRow>>;
  dashboardSession(hash: string): Promise<DashboardSessionRow | null>;
  listenSession(id: string): Promise<ListenSessionRow | null>;
  /** An account's sessions in one mode, the oldest first. */
  listenSessions(owner: { accountId: string; livemode: boolean }): Promise<ListenSessionRow[]>;
  /** Sessions of all accounts that have expired by a time, at most `limit`. */
  expiredListenSessions(at: number, limit: number): Promise<ListenSessionRow[]>;
}

/**
 * Reads and writes. Nothing is visible to others, or kept, before the transaction's end. An impossible insert fails
 * where it is made, or at the transaction's end.
 */
export interface Transaction extends Reads {
  insertAccount(row: AccountRow): Promise<void>;
  /** Replaces `apiVersion`, `data` and `deleted`. */
  updateAccount(row: AccountRow): Promise<void>;
  insertApplication(row: ApplicationRow): Promise<void>;
  /** Replaces `name` and `redirectUris`. */
  updateApplication(row: ApplicationRow): Promise<void>;
  /** Replaces a platform's own settings. */
  savePlatformSettings(settings: PlatformSettings): Promise<void>;
  insertKey(row: KeyRow): Promise<void>;
  /** Sets when a key expires, Unix milliseconds; null means never. */
  setKeyExpiry(hash: string, at: number | null): Promise<void>;
  /**
   * Records that a key was used at `at`, unless a use from `unlessSince` or later is recorded. Does nothing for an
   * unknown key.
   */
  noteKeyUse(hash: string, at: number, unlessSince: number): Promise<void>;
  deleteKeys(accountId: string): Promise<void>;
  insertOperator(row: OperatorRow): Promise<void>;
  /** Sets when an operator's key expires, Unix milliseconds. */
  setOperatorExpiry(hash: string, at: number): Promise<void>;
  /** Like `noteKeyUse`. */
  noteOperatorUse(hash: string, at: number, unlessSince: number): Promise<void>;
  insertAudit(act: AuditAct): Promise<void>;
  /** Makes the keys that a connection gave to its platform invalid from `at` on. */
  expireGrantedKeys(connection: Pick<ConnectionRow, "platformId" | "accountId" | "livemode">, at: number): Promise<void>;
  insertConnection(row: ConnectionRow): Promise<void>;
  deleteConnection(platformId: string, accountId: string, livemode: boolean): Promise<void>;
  insertEndpoint(row: EndpointRow): Promise<void>;
  updateEndpoint(row: EndpointRow): Promise<void>;
  insertObject(row: ObjectRow): Promise<void>;
  /** Replaces `data` and `parent`. */
  updateObject(row: ObjectRow): Promise<void>;
  deleteObject(id: string): Promise<void>;
  /** Replaces an existing task of the same account, mode, kind and subject. */
  scheduleTask(task: TaskRow): Promise<void>;
  /** Does nothing when there is no such task. */
  cancelTask(task: Omit<TaskRow, "dueAt">): Promise<void>;
  /** Removes and returns due tasks, at most `limit`: by due time, then in the order they were first scheduled. */
  takeDueTasks(now: number, limit: number): Promise<TaskRow[]>;
  /** Only `events/record-event` calls this. */
  insertEvents(events: readonly EventRow[], variants: readonly EventVariant[]): Promise<void>;
  /**
   * Only `events/` calls this. Throws if an event or endpoint does not exist. A due delivery for which the lane has
   * room is written already leased, and handed to the lane after the commit.
   */
  insertDeliveries(deliveries: readonly NewDelivery[]): Promise<void>;
  /**
   * Makes a quarantined delivery pending again, due at a given time, and forgets its unclean ends. Returns false when
   * it is not quarantined.
   */
  releaseQuarantined(deliveryId: string, dueAt: number): Promise<boolean>;
  /**
   * Replaces an older answer of the same scope and key. Does not keep an answer of an erased account, or one that shows
   * an erased account.
   */
  insertIdempotentAnswer(row: IdempotentAnswer): Promise<void>;
  saveSetting(name: string, value: Json): Promise<void>;
  insertListenSession(row: ListenSessionRow): Promise<void>;
  /** Replaces `opened`, `connected` and `expiresAt`. Returns false if the session does not exist. */
  updateListenSession(row: Pick<ListenSessionRow, "id" | "opened" | "connected" | "expiresAt">): Promise<boolean>;
  /**
   * Deletes a session, and its listener if the session was never opened. Does nothing if the session does not exist.
   */
  deleteListenSession(id: string): Promise<void>;
  /**
   * Deletes rows of an account, at most about `limit`: its own, the events that happened on it with all their
   * deliveries, and the deliveries to its endpoints. The audit log and the tasks of the kind `erase` stay. Deliveries
   * under way are deleted too: their settlements are refused. Returns how many rows it deleted or changed; 0 when none
   * are left. From then on the store accepts no request or answer of the account, as `PruneRequest` says. Its data
   * among the requests and answers of others stays for `eraseAmongOthers`.
   */
  eraseRows(erased: ErasedAccount, limit: number): Promise<number>;
  /**
   * Deletes the data of an erasure's accounts, which are gone, among the requests and answers of others. No index finds
   * this data: the store searches all rows, once for all of these accounts. Each call searches about `limit` rows, or a
   * few times as many. Returns how many rows it deleted or changed, or 1 if it only searched; 0 when all rows have been
   * searched.
   */
  eraseAmongOthers(erasure: string, limit: number): Promise<number>;
  /** Cancels pending deliveries to an endpoint, at most `limit`, as ended at `now`. Returns how many. */
  cancelPending(endpointId: string, now: number, limit: number): Promise<number>;
}
