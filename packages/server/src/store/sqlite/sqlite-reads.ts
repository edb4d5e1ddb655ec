import type { Backlog, Waiting } from "../contract/backlog.ts";
import type { NewestChildren, NewestObjects } from "../contract/batch-reads.ts";
import type { HeldEndpoint } from "../contract/delivery-store.ts";
import type { DeliveryWalk, WalkedDeliveries } from "../contract/delivery-walk.ts";
import type {
  GivenUp,
  OutcomesOf,
  RecentOutcome,
  Throughput,
  ThroughputFilter,
  UpcomingTasksFilter,
  WaitingDeliveries,
} from "../contract/figure-reads.ts";
import { LISTENER_PREFIX } from "../contract/is-listener.ts";
import type { PlatformSettings } from "../contract/platform-settings.ts";
import type {
  AccountRow,
  ApplicationRow,
  AttemptRow,
  AuditRow,
  ConnectionRow,
  DeliveryRow,
  EndpointFailures,
  EndpointRow,
  EventRow,
  EventVariant,
  IdempotentAnswer,
  Json,
  KeyRow,
  LastAttempt,
  ListedKey,
  ListedOperator,
  ListenSessionRow,
  ObjectRow,
  OperatorRow,
  RequestRow,
  TaskRow,
  UncleanEnd,
} from "../contract/rows.ts";
import type { DashboardSessionRow } from "../contract/session-store.ts";
import type { Storage } from "../contract/storage.ts";
import type {
  AuditFilter,
  DeliveryFilter,
  EndpointFilter,
  EventFilter,
  ObjectFilter,
  Page,
  PageOf,
  Reads,
  RequestFilter,
  Subscribers,
  TimeRange,
} from "../contract/transaction.ts";
import { stateNumber } from "../delivery-codes.ts";
import type { Pace } from "../pace.ts";
import { isSealedSetting, SEALED } from "../sealed-fields.ts";
import { placeOf, type SecretBox } from "../secret-box.ts";
import { dashboardSessionRow } from "./dashboard-sessions.ts";
import { BOUND_LIMIT } from "./database/bound-limit.ts";
import type { SqlRow } from "./database/connection.ts";
import type { WorkScope } from "./database/scope.ts";
import { backlog, waiting } from "./deliveries/backlog.ts";
import { listenSessionRow } from "./deliveries/listeners.ts";
import { deliveriesById, eventsById, eventVariants, newestChildren, newestObjects, objectsById } from "./lists/batch-reads.ts";
import { deliveriesOfEvent, deliveriesPage } from "./lists/deliveries-page.ts";
import { endpointQueue, givenUp, recentOutcomes, throughput, upcomingDeliveries, upcomingTasks } from "./lists/endpoint-figures.ts";
import { eventsPage, unanswered } from "./lists/events-page.ts";
import { objectIndex } from "./lists/object-index.ts";
import { type Condition, inRange, readPage } from "./lists/read-page.ts";
import { walkDeliveries } from "./lists/walk-deliveries.ts";
import { walkPage } from "./lists/walk-page.ts";
import { auditPage, listedOperators } from "./operators.ts";
import { requestRow, requestsPage } from "./request-rows.ts";
import { allWithin } from "./rows/delivery-number.ts";
import { platformSettings, retentions } from "./rows/platform-settings.ts";
import {
  accountRow,
  applicationRow,
  attemptRow,
  connectionRow,
  endpointFailures,
  endpointRow,
  eventRow,
  idempotentAnswer,
  keyRow,
  lastAttempt,
  objectRow,
  operatorRow,
  taskRow,
} from "./rows/rows.ts";
import { storage } from "./storage.ts";

const OWN_KEYS = `
  SELECT k.*, u.at AS used_at FROM keys k LEFT JOIN key_uses u ON u.hash = k.hash
  WHERE k.account_id = ? AND k.platform_id IS NULL ORDER BY k.created DESC, k.hash`;

const ATTEMPTS = `
  SELECT a.*, (SELECT headers FROM constant_headers c WHERE c.n = a.constant_headers) AS constant
  FROM attempts a WHERE a.key BETWEEN ? AND ? ORDER BY a.key`;

const LAST_ATTEMPT = "SELECT at, duration_ms, outcome, status, reason FROM attempts WHERE key BETWEEN ? AND ? ORDER BY key DESC LIMIT 1";

const NO_LISTENER = `substr(id, 1, ${LISTENER_PREFIX.length}) <> '${LISTENER_PREFIX}'`;

// Searched by the account: otherwise SQLite searches every account of the platform.
const OF_PLATFORM_AND_ACCOUNT =
  "SELECT * FROM connections INDEXED BY connections_of_account WHERE account_id = ? AND platform_id = ? ORDER BY livemode";

/** All reads. Except for the slices of lists, they read synchronously: the promises are only for the contract. */
export class SqliteReads implements Reads {
  protected readonly scope: WorkScope;
  protected readonly box: SecretBox;
  readonly #pace: Pace | null;

  constructor(scope: WorkScope, box: SecretBox, pace: Pace | null = null) {
    this.scope = scope;
    this.box = box;
    this.#pace = pace;
  }

  async account(id: string): Promise<AccountRow | null> {
    return this.scope.known("account", id, () => one(this.scope.get("SELECT * FROM accounts WHERE id = ?", id), accountRow));
  }

  async accountsById(ids: readonly string[]): Promise<ReadonlyMap<string, AccountRow>> {
    const found = new Map<string, AccountRow>();
    for (const id of ids) {
      const row = await this.account(id);
      if (row !== null) found.set(id, row);
    }
    return found;
  }

  async connectedAccounts(filter: { platformId: string; livemode: boolean; created?: TimeRange }, page: Page): Promise<PageOf<AccountRow>> {
    return walkPage(
      this.scope,
      this.#pace,
      {
        owner: filter.platformId,
        walked: "connections c",
        from: "connections c CROSS JOIN accounts a ON a.id = c.account_id",
        columns: "a.*",
        order: "c.account_id",
        searched: [
          ["c.platform_id = ?", filter.platformId],
          ["c.livemode = ?", Number(filter.livemode)],
        ],
        fitting: [["a.deleted = 0"], ...inRange("a.created", filter.created)],
        row: accountRow,
      },
      page,
    );
  }

  async closedAccounts(filter: { platformId: string; livemode: boolean }, page: Page): Promise<PageOf<AccountRow>> {
    return walkPage(
      this.scope,
      this.#pace,
      {
        owner: filter.platformId,
        walked: "accounts INDEXED BY accounts_closed",
        order: "id",
        searched: [["deleted = 1"], ["json_extract(data, '$.createdBy') = ?", filter.platformId]],
        fitting: [["json_extract(data, '$.livemode') = ?", Number(filter.livemode)]],
        row: accountRow,
      },
      page,
    );
  }

  async accounts(page: Page): Promise<PageOf<AccountRow>> {
    return readPage(this.scope, { select: "SELECT * FROM accounts", order: "id", conditions: [["deleted = 0"]], row: accountRow }, page);
  }

  async platformSettings(accountId: string): Promise<PlatformSettings | null> {
    return platformSettings(this.scope, accountId);
  }

  async retentions(): Promise<PlatformSettings[]> {
    return retentions(this.scope);
  }

  async platforms(page: Page): Promise<PageOf<AccountRow>> {
    const conditions: Condition[] = [["deleted = 0"], ["id IN (SELECT account_id FROM applications)"]];
    return readPage(this.scope, { select: "SELECT * FROM accounts", order: "id", conditions, row: accountRow }, page);
  }

  async application(accountId: string, livemode: boolean): Promise<ApplicationRow | null> {
    const sql = "SELECT * FROM applications WHERE account_id = ? AND livemode = ?";
    return this.scope.known(livemode ? "live application" : "test application", accountId, () =>
      one(this.scope.get(sql, accountId, Number(livemode)), (row) => applicationRow(row, this.box)),
    );
  }

  async applicationById(id: string): Promise<ApplicationRow | null> {
    return one(this.scope.get("SELECT * FROM applications WHERE id = ?", id), (row) => applicationRow(row, this.box));
  }

  async keyByHash(hash: string): Promise<KeyRow | null> {
    return this.scope.known("key", hash, () => one(this.scope.get("SELECT * FROM keys WHERE hash = ?", hash), keyRow));
  }

  async ownKeys(accountId: string): Promise<ListedKey[]> {
    return this.scope.all(OWN_KEYS, accountId).map((row) => ({ ...keyRow(row), lastUsedAt: row.used_at as number | null }));
  }

  async deletedAccounts(platformId: string, limit: number): Promise<string[]> {
    const sql = `SELECT id FROM accounts WHERE deleted = 1 AND json_extract(data, '$.createdBy') = ? ${BOUND_LIMIT}`;
    return this.scope.all(sql, platformId, limit).map(({ id }) => id as string);
  }

  async creators(after: string, limit: number): Promise<{ id: string; createdBy: string | null }[]> {
    const sql = `SELECT id, json_extract(data, '$.createdBy') AS creator FROM accounts WHERE id > ? ORDER BY id ${BOUND_LIMIT}`;
    return this.scope.all(sql, after, limit).map(({ id, creator }) => ({ id: id as string, createdBy: creator as string | null }));
  }

  async operatorByHash(hash: string): Promise<OperatorRow | null> {
    return one(this.scope.get("SELECT * FROM operators WHERE hash = ?", hash), operatorRow);
  }

  async operators(): Promise<ListedOperator[]> {
    return listedOperators(this.scope);
  }

  async audit(filter: AuditFilter, page: Page): Promise<PageOf<AuditRow>> {
    return auditPage(this.scope, filter, page);
  }

  async connections(platformId: string, accountId: string): Promise<ConnectionRow[]> {
    return this.#connections(platformId, accountId);
  }

  #connections(platformId: string, accountId: string): ConnectionRow[] {
    return this.scope.known("connections", `${accountId} ${platformId}`, () =>
      this.scope.all(OF_PLATFORM_AND_ACCOUNT, accountId, platformId).map(connectionRow),
    );
  }

  async connectionsTo(platformId: string, accountIds: readonly string[]): Promise<ReadonlyMap<string, ConnectionRow[]>> {
    const found = new Map<string, ConnectionRow[]>();
    for (const accountId of accountIds) {
      const connections = this.#connections(platformId, accountId);
      if (connections.length > 0) found.set(accountId, connections);
    }
    return found;
  }

  async subscribers(accountId: string): Promise<Subscribers> {
    return this.scope.known("subscribers", accountId, () => this.#subscribersOf(accountId));
  }

  #subscribersOf(accountId: string): Subscribers {
    const connections = this.scope
      .all("SELECT * FROM connections WHERE account_id = ? ORDER BY platform_id, livemode", accountId)
      .map(connectionRow);
    const endpoints: EndpointRow[] = [];
    const apiVersions = new Map<string, string>();
    for (const owner of new Set([accountId, ...connections.map(({ platformId }) => platformId)])) {
      const version = this.scope.known(
        "version",
        owner,
        () => this.scope.get("SELECT api_version FROM accounts WHERE id = ?", owner) ?? null,
      );
      if (version !== null) apiVersions.set(owner, version.api_version as string);
      endpoints.push(
        ...this.scope.known("endpoints", owner, () =>
          this.scope
            .all("SELECT * FROM endpoints WHERE account_id = ? AND deleted = 0 ORDER BY livemode, id", owner)
            .map((row) => endpointRow(row, this.box)),
        ),
      );
    }
    return { connections, endpoints, apiVersions };
  }

  async endpoint(id: string): Promise<EndpointRow | null> {
    return one(this.scope.get("SELECT * FROM endpoints WHERE id = ?", id), (row) => endpointRow(row, this.box));
  }

  async endpoints(filter: EndpointFilter, page: Page): Promise<PageOf<EndpointRow>> {
    return readPage(
      this.scope,
      {
        select: "SELECT * FROM endpoints",
        order: "id",
        conditions: [
          ["account_id = ?", filter.accountId],
          ["livemode = ?", Number(filter.livemode)],
          ["deleted = 0"],
          [NO_LISTENER],
          // IS compares NULL, too.
          ...(filter.madeBy === undefined ? [] : [["made_by IS ?", filter.madeBy] satisfies Condition]),
          ...(filter.payload === undefined ? [] : [["payload = ?", filter.payload] satisfies Condition]),
        ],
        row: (row) => endpointRow(row, this.box),
      },
      page,
    );
  }

  async countEndpoints({ accountId, livemode, madeBy }: EndpointFilter): Promise<number> {
    const sql = `SELECT count(*) AS count FROM endpoints WHERE account_id = ? AND livemode = ? AND deleted = 0 AND ${NO_LISTENER}`;
    const row =
      madeBy === undefined
        ? this.scope.get(sql, accountId, Number(livemode))
        : this.scope.get(`${sql} AND made_by IS ?`, accountId, Number(livemode), madeBy);
    return row?.count as number;
  }

  async endpointFailures(endpointIds: readonly string[]): Promise<ReadonlyMap<string, EndpointFailures>> {
    const sql = `
      SELECT f.* FROM json_each(?) AS asked JOIN endpoints p ON p.id = asked.value JOIN endpoint_failures f ON f.endpoint_id = p.id
      WHERE p.first_failure_at IS NOT NULL`;
    const rows = this.scope.all(sql, JSON.stringify(endpointIds));
    return new Map(rows.map((row) => [row.endpoint_id as string, endpointFailures(row)]));
  }

  async heldEndpoints(now: number, limit: number): Promise<HeldEndpoint[]> {
    const sql = `
      SELECT p.id, p.account_id, f.* FROM endpoint_failures f JOIN endpoints p ON p.id = f.endpoint_id
      WHERE f.held_until > ? AND p.first_failure_at IS NOT NULL AND p.status = 'enabled' AND p.paused_at IS NULL AND p.deleted = 0
      ORDER BY f.held_until DESC, p.id LIMIT ?`;
    const rows = this.scope.all(sql, now, limit);
    return rows.flatMap((row) => {
      const { held } = endpointFailures(row);
      return held === null ? [] : [{ id: row.id as string, accountId: row.account_id as string, held }];
    });
  }

  async event(id: string): Promise<EventRow | null> {
    return one(this.scope.get("SELECT * FROM events WHERE id = ?", id), eventRow);
  }

  async eventVariant(eventId: string, variant: string): Promise<EventVariant | null> {
    return eventVariants(this.scope, [{ eventId, variant }])[0] ?? null;
  }

  async events(filter: EventFilter, page: Page): Promise<PageOf<EventRow>> {
    return eventsPage(this.scope, this.#pace, filter, page);
  }

  async pendingWebhooks(eventIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>();
    for (const id of eventIds) {
      const row = this.scope.get(`SELECT count(DISTINCT d.endpoint) AS count ${unanswered("(SELECT n FROM events WHERE id = ?)")}`, id);
      counts.set(id, row?.count as number);
    }
    return counts;
  }

  async delivery(id: string): Promise<DeliveryRow | null> {
    return deliveriesById(this.scope, [id]).get(id) ?? null;
  }

  async deliveriesOfEvents(
    owner: { accountId: string; livemode: boolean },
    eventIds: readonly string[],
    each: number,
  ): Promise<ReadonlyMap<string, DeliveryRow[]>> {
    return new Map(eventIds.map((eventId) => [eventId, deliveriesOfEvent(this.scope, { ...owner, eventId }, each)]));
  }

  async deliveries(filter: DeliveryFilter, page: Page): Promise<PageOf<DeliveryRow>> {
    return deliveriesPage(this.scope, this.#pace, filter, page);
  }

  async walkDeliveries(walk: DeliveryWalk): Promise<WalkedDeliveries> {
    return walkDeliveries(this.scope, walk);
  }

  async attempts(deliveryId: string): Promise<AttemptRow[]> {
    const delivery = this.scope.get("SELECT n FROM deliveries WHERE id = ?", deliveryId)?.n;
    if (delivery === undefined) return [];
    return this.scope.all(ATTEMPTS, ...allWithin(delivery as number)).map((row) => attemptRow(deliveryId, row));
  }

  async lastAttempts(deliveryIds: readonly string[]): Promise<ReadonlyMap<string, LastAttempt>> {
    const last = new Map<string, LastAttempt>();
    for (const id of deliveryIds) {
      const delivery = this.scope.get("SELECT n FROM deliveries WHERE id = ?", id)?.n;
      const row = delivery === undefined ? undefined : this.scope.get(LAST_ATTEMPT, ...allWithin(delivery as number));
      if (row !== undefined) last.set(id, lastAttempt(row));
    }
    return last;
  }

  async recentOutcomes(of: OutcomesOf, limit: number): Promise<RecentOutcome[]> {
    return recentOutcomes(this.scope, this.#pace, of, limit);
  }

  async givenUp(owner: { accountId: string; livemode: boolean }, limit: number): Promise<GivenUp> {
    return givenUp(this.scope, owner, limit);
  }

  async endpointQueue(endpointId: string, countUpTo: number): Promise<WaitingDeliveries> {
    return endpointQueue(this.scope, endpointId, countUpTo);
  }

  async throughput(filter: ThroughputFilter, limit: number): Promise<Throughput> {
    return throughput(this.scope, filter, limit);
  }

  async upcomingDeliveries(endpointIds: readonly string[], limit: number): Promise<DeliveryRow[]> {
    return upcomingDeliveries(this.scope, endpointIds, limit);
  }

  async upcomingTasks(filter: UpcomingTasksFilter, limit: number): Promise<TaskRow[]> {
    return upcomingTasks(this.scope, filter, limit);
  }

  async uncleanEnds(deliveryId: string): Promise<UncleanEnd[]> {
    return this.scope
      .all("SELECT at, under_way FROM unclean_ends WHERE delivery = (SELECT n FROM deliveries WHERE id = ?) ORDER BY rowid", deliveryId)
      .map(({ at, under_way }) => ({ at: at as number, underWay: under_way as number }));
  }

  async countQuarantined(): Promise<number> {
    const sql = "SELECT count(DISTINCT d.n) AS count FROM unclean_ends u CROSS JOIN deliveries d ON d.n = u.delivery WHERE d.state = ?";
    return this.scope.get(sql, stateNumber("quarantined"))?.count as number;
  }

  async backlog(now: number, countUpTo: number): Promise<Backlog> {
    return backlog(this.scope, now, countUpTo);
  }

  async storage(): Promise<Storage> {
    return storage(this.scope);
  }

  async waiting(endpointId: string, now: number, countUpTo: number): Promise<Waiting> {
    return waiting(this.scope, endpointId, now, countUpTo);
  }

  async object(id: string): Promise<ObjectRow | null> {
    return one(this.scope.get("SELECT * FROM objects WHERE id = ?", id), (row) => objectRow(row, this.box));
  }

  async newestObjects(asked: readonly NewestObjects[]): Promise<ObjectRow[][]> {
    return newestObjects(this.scope, this.box, asked);
  }

  async newestChildren(asked: NewestChildren): Promise<ObjectRow[][]> {
    return newestChildren(this.scope, this.box, asked);
  }

  async eventsById(ids: readonly string[]): Promise<ReadonlyMap<string, EventRow>> {
    return eventsById(this.scope, ids);
  }

  async deliveriesById(ids: readonly string[]): Promise<ReadonlyMap<string, DeliveryRow>> {
    return deliveriesById(this.scope, ids);
  }

  async eventVariants(asked: readonly Omit<EventVariant, "body">[]): Promise<EventVariant[]> {
    return eventVariants(this.scope, asked);
  }

  async objectsById(ids: readonly string[]): Promise<ReadonlyMap<string, ObjectRow>> {
    return objectsById(this.scope, this.box, ids);
  }

  async objects(filter: ObjectFilter, page: Page): Promise<PageOf<ObjectRow>> {
    const { name, searched, field: found } = objectIndex(filter);
    const fitting = inRange("created", filter.created);
    // `->` gives a field as JSON text: 1, "1" and true stay different.
    for (const [field, value] of Object.entries(filter.where ?? {}))
      if (field !== found) fitting.push(["data -> ? = ?", path(field), JSON.stringify(value)]);
    for (const [field, range] of Object.entries(filter.within ?? {})) fitting.push(...inRange(`data ->> '${path(field)}'`, range));
    return walkPage(
      this.scope,
      this.#pace,
      {
        owner: filter.accountId,
        walked: `objects INDEXED BY ${name}`,
        order: "id",
        searched,
        fitting,
        row: (row) => objectRow(row, this.box),
      },
      page,
    );
  }

  async tasks({ accountId, livemode }: { accountId: string; livemode: boolean }): Promise<TaskRow[]> {
    return this.scope
      .all("SELECT * FROM tasks WHERE account_id = ? AND livemode = ? ORDER BY due_at, n", accountId, Number(livemode))
      .map(taskRow);
  }

  async tasksOfKind(kind: string, limit: number): Promise<TaskRow[]> {
    return this.scope.all(`SELECT * FROM tasks WHERE kind = ? ORDER BY due_at, n ${BOUND_LIMIT}`, kind, limit).map(taskRow);
  }

  async idempotentAnswer(scope: string, key: string, since: number): Promise<IdempotentAnswer | null> {
    const row = this.scope.get("SELECT * FROM idempotent_answers WHERE scope = ? AND key = ? AND created >= ?", scope, key, since);
    return one(row, (found) => idempotentAnswer(found, this.box));
  }

  async takesWrites(): Promise<boolean> {
    return true;
  }

  async setting(name: string): Promise<Json> {
    const value = this.scope.get("SELECT value FROM settings WHERE name = ?", name)?.value;
    if (value === undefined) return null;
    const json = JSON.parse(value as string) as Json;
    return isSealedSetting(name) ? (JSON.parse(this.box.open(placeOf(SEALED.settingValue, name), json)) as Json) : json;
  }

  async request(id: string): Promise<RequestRow | null> {
    return one(this.scope.get("SELECT * FROM requests WHERE id = ?", id), requestRow);
  }

  async requests(filter: RequestFilter, page: Page): Promise<PageOf<RequestRow>> {
    return requestsPage(this.scope, this.#pace, filter, page);
  }

  async dashboardSession(hash: string): Promise<DashboardSessionRow | null> {
    return one(this.scope.get("SELECT * FROM dashboard_sessions WHERE hash = ?", hash), dashboardSessionRow);
  }

  async listenSession(id: string): Promise<ListenSessionRow | null> {
    return one(this.scope.get("SELECT * FROM listen_sessions WHERE id = ?", id), listenSessionRow);
  }

  async listenSessions({ accountId, livemode }: { accountId: string; livemode: boolean }): Promise<ListenSessionRow[]> {
    const sql = "SELECT * FROM listen_sessions WHERE account_id = ? AND livemode = ? ORDER BY created, id";
    return this.scope.all(sql, accountId, Number(livemode)).map(listenSessionRow);
  }

  async expiredListenSessions(at: number, limit: number): Promise<ListenSessionRow[]> {
    const sql = `SELECT * FROM listen_sessions WHERE expires_at <= ? ORDER BY expires_at ${BOUND_LIMIT}`;
    return this.scope.all(sql, at, limit).map(listenSessionRow);
  }
}

function one<Row>(row: SqlRow | undefined, rowOf: (row: SqlRow) => Row): Row | null {
  return row === undefined ? null : rowOf(row);
}

/** The JSON path of a top-level field. Throws for a name that no resource has. */
function path(field: string): string {
  if (!/^\w+$/.test(field)) throw new Error(`${JSON.stringify(field)} is not a field to look for.`);
  return `$.${field}`;
}
