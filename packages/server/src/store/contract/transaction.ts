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
  EventRow,
  EventVariant,
  IdempotentAnswer,
  Json,
  KeyRow,
  LastAttempt,
  ListedKey,
  ListenSessionRow,
  NewDelivery,
  ObjectRow,
  RequestRow,
  TaskRow,
  UncleanEnd,
} from "./rows.ts";

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
  /** Also what happened on accounts connected to a platform. */
  connectedTo?: ConnectedEvents;
}

/** Of the events of accounts that a platform's key may act for, those that the platform may see. */
export interface ConnectedEvents {
  platformId: string;
  /** Its application: events of others are left out. Its own are there also after the account has left. */
  applicationId: string | null;
  /** Types that are for the account alone. */
  exceptTypes: readonly string[];
}

export interface DeliveryFilter {
  accountId: string;
  livemode: boolean;
  endpointId?: string;
  eventId?: string;
  state?: DeliveryState;
  /** Of events that happened on this account. */
  eventAccountId?: string;
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
  /** Top-level fields of `data` that hold a time in milliseconds, and the bounds it must be in. */
  within?: Readonly<Record<string, TimeRange>>;
}

/** Which requests are meant. */
export interface RequestFilter {
  /** Whose keys made them, in one mode. */
  callerId: string;
  livemode: boolean;
  /** For whom they acted. */
  accountId?: string;
  /** They acted for somebody else than this account. */
  exceptAccountId?: string;
  methods?: readonly string[];
  /** The beginning of the path. */
  pathPrefix?: string;
  /** Statuses, each from the first to the last; any of these ranges. */
  statuses?: readonly (readonly [from: number, to: number])[];
  /** Stripe's code of the error, or its name in the table. */
  error?: string;
  at?: TimeRange;
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

/** What waits to be sent, of all accounts, and the endpoints that it may wait for. Deleted endpoints are left out. */
export interface Backlog {
  due: number;
  /** When the delivery that has waited longest fell due; null when nothing is due. */
  oldestDueAt: number | null;
  failingEndpoints: number;
  disabledEndpoints: number;
}

/** Looking, at one moment: every read of a transaction sees the same state. Null means there is none. */
export interface Reads {
  account(id: string): Promise<AccountRow | null>;
  /** Accounts connected to a platform in one mode, deleted ones left out. */
  connectedAccounts(filter: { platformId: string; livemode: boolean; created?: TimeRange }, page: Page): Promise<PageOf<AccountRow>>;
  /** Accounts of all kinds, deleted ones left out. */
  accounts(page: Page): Promise<PageOf<AccountRow>>;
  /** Accounts that have an application, without deleted ones. */
  platforms(page: Page): Promise<PageOf<AccountRow>>;
  /** A platform's application in one mode. */
  application(accountId: string, livemode: boolean): Promise<ApplicationRow | null>;
  applicationById(id: string): Promise<ApplicationRow | null>;
  keyByHash(hash: string): Promise<KeyRow | null>;
  /** An account's own keys in both modes, newest first, including expired ones, but without those that a connection gave to a platform. */
  ownKeys(accountId: string): Promise<ListedKey[]>;
  /** The audit log, newest first. Cursors are the numbers of entries. */
  audit(page: Page): Promise<PageOf<AuditRow>>;
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
  /** For each of these deliveries that was tried: how its last attempt ended. */
  lastAttempts(deliveryIds: readonly string[]): Promise<ReadonlyMap<string, LastAttempt>>;
  /** The unclean ends at which a delivery was under way, oldest first. */
  uncleanEnds(deliveryId: string): Promise<UncleanEnd[]>;
  /** Deliveries of all accounts that are quarantined. */
  countQuarantined(): Promise<number>;
  /** What is due at `now` and not leased, of all accounts. It is counted up to `countUpTo`, so that looking stays cheap. */
  backlog(now: number, countUpTo: number): Promise<Backlog>;
  object(id: string): Promise<ObjectRow | null>;
  objects(filter: ObjectFilter, page: Page): Promise<PageOf<ObjectRow>>;
  /** What is planned for an account in one mode, the earliest first. */
  tasks(filter: { accountId: string; livemode: boolean }): Promise<TaskRow[]>;
  /** The answer kept for a key; null when there is none, or when it was made before `since`. */
  idempotentAnswer(scope: string, key: string, since: number): Promise<IdempotentAnswer | null>;
  setting(name: string): Promise<Json>;
  request(id: string): Promise<RequestRow | null>;
  /** In the order in which they were written, which is nearly that in which they were answered. */
  requests(filter: RequestFilter, page: Page): Promise<PageOf<RequestRow>>;
  listenSession(id: string): Promise<ListenSessionRow | null>;
  /** An account's sessions in one mode, the oldest first. */
  listenSessions(owner: { accountId: string; livemode: boolean }): Promise<ListenSessionRow[]>;
  /** Sessions of all accounts that have expired by a time, at most `limit`. */
  expiredListenSessions(at: number, limit: number): Promise<ListenSessionRow[]>;
}

/** Looking and changing. Nothing is seen by others, or kept, before the transaction's end. */
export interface Transaction extends Reads {
  insertAccount(row: AccountRow): Promise<void>;
  /** Replaces `apiVersion`, `data` and `deleted`. */
  updateAccount(row: AccountRow): Promise<void>;
  insertApplication(row: ApplicationRow): Promise<void>;
  /** Replaces `name` and `redirectUris`. */
  updateApplication(row: ApplicationRow): Promise<void>;
  insertKey(row: KeyRow): Promise<void>;
  /** Sets when a key expires, Unix milliseconds; null for never. */
  setKeyExpiry(hash: string, at: number | null): Promise<void>;
  /** Records that a key was used at `at`, unless a use from `unlessSince` or later is recorded. Does nothing for an unknown key. */
  noteKeyUse(hash: string, at: number, unlessSince: number): Promise<void>;
  deleteKeys(accountId: string): Promise<void>;
  insertAudit(act: AuditAct): Promise<void>;
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
  insertListenSession(row: ListenSessionRow): Promise<void>;
  /** Replaces `opened`, `connected` and `expiresAt`. Returns false when the session is not there. */
  updateListenSession(row: Pick<ListenSessionRow, "id" | "opened" | "connected" | "expiresAt">): Promise<boolean>;
  /** Deletes a session, and the listener of one that was never opened: nothing was owed to it. Does nothing when it is not there. */
  deleteListenSession(id: string): Promise<void>;
  /** Cancels pending deliveries to an endpoint, at most `limit`, as ended at `now`. Returns how many. */
  cancelPending(endpointId: string, now: number, limit: number): Promise<number>;
}
