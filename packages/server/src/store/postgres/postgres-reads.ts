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
import type { SqlRow } from "./database/session.ts";
import { backlog, waiting } from "./deliveries/backlog.ts";
import { listenSessionRow } from "./deliveries/listeners.ts";
import {
  accountsById,
  connectionsTo,
  deliveriesById,
  eventsById,
  eventVariants,
  newestChildren,
  newestObjects,
  objectsById,
} from "./lists/batch-reads.ts";
import { DELIVERIES, deliveriesOfEvents, deliveriesPage } from "./lists/deliveries-page.ts";
import { endpointQueue, givenUp, recentOutcomes, throughput, upcomingDeliveries, upcomingTasks } from "./lists/endpoint-figures.ts";
import { eventsPage, unanswered } from "./lists/events-page.ts";
import { type Condition, inRange, readPage } from "./lists/read-page.ts";
import { walkDeliveries } from "./lists/walk-deliveries.ts";
import { walkPage } from "./lists/walk-page.ts";
import { auditPage, listedOperators } from "./operators.ts";
import { requestRow, requestsPage } from "./request-rows.ts";
import { platformSettings, retentions } from "./rows/platform-settings.ts";
import {
  accountRow,
  applicationRow,
  attemptRow,
  connectionRow,
  deliveryRow,
  endpointFailures,
  endpointRow,
  eventRow,
  eventVariant,
  idempotentAnswer,
  keyRow,
  lastAttempt,
  objectRow,
  operatorRow,
  taskRow,
} from "./rows/rows.ts";
import { storage } from "./storage.ts";
import type { KnowingSession } from "./transactions/knowing-session.ts";

const OWN_KEYS = `
  SELECT k.*, u.at AS used_at FROM keys k LEFT JOIN key_uses u ON u.hash = k.hash
  WHERE k.account_id = $1 AND k.platform_id IS NULL ORDER BY k.created DESC, k.hash`;

/** The number of the event with an id, which finds its partition. */
const numberOf = (id: string) => `(SELECT n FROM event_ids WHERE id = ${id})`;

const NO_LISTENER = `NOT starts_with(id, '${LISTENER_PREFIX}')`;

/** All reads. */
export class PostgresReads<At extends KnowingSession = KnowingSession> implements Reads {
  protected readonly session: At;
  protected readonly box: SecretBox;
  readonly #pace: Pace | null;

  constructor(session: At, box: SecretBox, pace: Pace | null = null) {
    this.session = session;
    this.box = box;
    this.#pace = pace;
  }

  async account(id: string): Promise<AccountRow | null> {
    return (await this.session.known("account", id, accountRow))[0] ?? null;
  }

  accountsById(ids: readonly string[]): Promise<ReadonlyMap<string, AccountRow>> {
    return accountsById(this.session, ids);
  }

  connectedAccounts(filter: { platformId: string; livemode: boolean; created?: TimeRange }, page: Page): Promise<PageOf<AccountRow>> {
    return walkPage(
      this.session,
      this.#pace,
      {
        owner: filter.platformId,
        walked: "connections",
        alias: "c",
        joined: "JOIN accounts a ON a.id = c.account_id",
        columns: "a.*",
        order: "c.account_id",
        searched: [
          ["c.platform_id = ?", filter.platformId],
          ["c.livemode = ?", filter.livemode],
        ],
        fitting: [["NOT a.deleted"], ...inRange("a.created", filter.created)],
        row: accountRow,
      },
      page,
    );
  }

  closedAccounts(filter: { platformId: string; livemode: boolean }, page: Page): Promise<PageOf<AccountRow>> {
    return walkPage(
      this.session,
      this.#pace,
      {
        owner: filter.platformId,
        walked: "accounts",
        order: "id",
        searched: [["deleted"], ["data->>'createdBy' = ?", filter.platformId]],
        fitting: [["(data->>'livemode')::boolean = ?", filter.livemode]],
        row: accountRow,
      },
      page,
    );
  }

  accounts(page: Page): Promise<PageOf<AccountRow>> {
    return readPage(this.session, { select: "SELECT * FROM accounts", order: "id", conditions: [["NOT deleted"]], row: accountRow }, page);
  }

  async platformSettings(accountId: string): Promise<PlatformSettings | null> {
    return (await platformSettings(this.session, [accountId])).get(accountId) ?? null;
  }

  retentions(): Promise<PlatformSettings[]> {
    return retentions(this.session);
  }

  platforms(page: Page): Promise<PageOf<AccountRow>> {
    const conditions: Condition[] = [["NOT deleted"], ["id IN (SELECT account_id FROM applications)"]];
    return readPage(this.session, { select: "SELECT * FROM accounts", order: "id", conditions, row: accountRow }, page);
  }

  async application(accountId: string, livemode: boolean): Promise<ApplicationRow | null> {
    const rows = await this.session.known("applications", accountId, (row) => applicationRow(row, this.box));
    return rows.find((row) => row.livemode === livemode) ?? null;
  }

  async applicationById(id: string): Promise<ApplicationRow | null> {
    return one(await this.session.get("SELECT * FROM applications WHERE id = $1", id), (row) => applicationRow(row, this.box));
  }

  async keyByHash(hash: string): Promise<KeyRow | null> {
    return (await this.session.known("key", hash, keyRow))[0] ?? null;
  }

  async ownKeys(accountId: string): Promise<ListedKey[]> {
    return (await this.session.all(OWN_KEYS, accountId)).map((row) => ({ ...keyRow(row), lastUsedAt: row.used_at as number | null }));
  }

  async deletedAccounts(platformId: string, limit: number): Promise<string[]> {
    const sql = "SELECT id FROM accounts WHERE deleted AND data->>'createdBy' = $1 LIMIT $2";
    return (await this.session.all(sql, platformId, limit)).map(({ id }) => id as string);
  }

  async creators(after: string, limit: number): Promise<{ id: string; createdBy: string | null }[]> {
    const sql = "SELECT id, data->>'createdBy' AS creator FROM accounts WHERE id > $1 ORDER BY id LIMIT $2";
    return (await this.session.all(sql, after, limit)).map(({ id, creator }) => ({
      id: id as string,
      createdBy: creator as string | null,
    }));
  }

  async operatorByHash(hash: string): Promise<OperatorRow | null> {
    return one(await this.session.get("SELECT * FROM operators WHERE hash = $1", hash), operatorRow);
  }

  async operators(): Promise<ListedOperator[]> {
    return listedOperators(this.session);
  }

  async audit(filter: AuditFilter, page: Page): Promise<PageOf<AuditRow>> {
    return auditPage(this.session, filter, page);
  }

  async connections(platformId: string, accountId: string): Promise<ConnectionRow[]> {
    return (await this.#connectionsTo(accountId)).filter((connection) => connection.platformId === platformId);
  }

  connectionsTo(platformId: string, accountIds: readonly string[]): Promise<ReadonlyMap<string, ConnectionRow[]>> {
    return connectionsTo(this.session, platformId, accountIds);
  }

  async subscribers(accountId: string): Promise<Subscribers> {
    const connections = await this.#connectionsTo(accountId);
    const endpoints: EndpointRow[] = [];
    const apiVersions = new Map<string, string>();
    for (const owner of new Set([accountId, ...connections.map(({ platformId }) => platformId)])) {
      const [account] = await this.session.known("account", owner, accountRow);
      if (account !== undefined) apiVersions.set(owner, account.apiVersion);
      const owned = await this.session.known("endpoints", owner, (row) => endpointRow(row, this.box));
      endpoints.push(...owned.toSorted((one, other) => Number(one.livemode) - Number(other.livemode) || inOrder(one.id, other.id)));
    }
    return { connections, endpoints, apiVersions };
  }

  /** The connections of all platforms, in their order. */
  async #connectionsTo(accountId: string): Promise<ConnectionRow[]> {
    return (await this.session.known("connections", accountId, connectionRow)).toSorted(
      (one, other) => inOrder(one.platformId, other.platformId) || Number(one.livemode) - Number(other.livemode),
    );
  }

  async endpoint(id: string): Promise<EndpointRow | null> {
    return one(await this.session.get("SELECT * FROM endpoints WHERE id = $1", id), (row) => endpointRow(row, this.box));
  }

  endpoints(filter: EndpointFilter, page: Page): Promise<PageOf<EndpointRow>> {
    return readPage(
      this.session,
      {
        select: "SELECT * FROM endpoints",
        order: "id",
        conditions: [
          ["account_id = ?", filter.accountId],
          ["livemode = ?", filter.livemode],
          ["NOT deleted"],
          [NO_LISTENER],
          ...(filter.madeBy === undefined ? [] : [["made_by IS NOT DISTINCT FROM ?", filter.madeBy] satisfies Condition]),
          ...(filter.payload === undefined ? [] : [["payload = ?", filter.payload] satisfies Condition]),
        ],
        row: (row) => endpointRow(row, this.box),
      },
      page,
    );
  }

  async countEndpoints({ accountId, livemode, madeBy }: EndpointFilter): Promise<number> {
    const sql = `SELECT count(*) AS count FROM endpoints WHERE account_id = $1 AND livemode = $2 AND NOT deleted AND ${NO_LISTENER}`;
    const row =
      madeBy === undefined
        ? await this.session.get(sql, accountId, livemode)
        : await this.session.get(`${sql} AND made_by IS NOT DISTINCT FROM $3`, accountId, livemode, madeBy);
    return row?.count as number;
  }

  async endpointFailures(endpointIds: readonly string[]): Promise<ReadonlyMap<string, EndpointFailures>> {
    const sql = `
      SELECT f.* FROM endpoint_failures f JOIN endpoints p ON p.id = f.endpoint_id
      WHERE f.endpoint_id = ANY($1::text[]) AND p.first_failure_at IS NOT NULL`;
    const rows = await this.session.all(sql, endpointIds);
    return new Map(rows.map((row) => [row.endpoint_id as string, endpointFailures(row)]));
  }

  async heldEndpoints(now: number, limit: number): Promise<HeldEndpoint[]> {
    const sql = `
      SELECT p.id, p.account_id, f.* FROM endpoint_failures f JOIN endpoints p ON p.id = f.endpoint_id
      WHERE f.held_until > $1 AND p.first_failure_at IS NOT NULL AND p.status = 'enabled' AND p.paused_at IS NULL AND NOT p.deleted
      ORDER BY f.held_until DESC, p.id LIMIT $2`;
    const rows = await this.session.all(sql, now, limit);
    return rows.flatMap((row) => {
      const { held } = endpointFailures(row);
      return held === null ? [] : [{ id: row.id as string, accountId: row.account_id as string, held }];
    });
  }

  async event(id: string): Promise<EventRow | null> {
    return one(await this.session.get("SELECT e.* FROM event_ids i JOIN events e ON e.n = i.n WHERE i.id = $1", id), eventRow);
  }

  async eventVariant(eventId: string, variant: string): Promise<EventVariant | null> {
    const sql = `SELECT variant, body FROM event_variants WHERE event = ${numberOf("$1")} AND variant = $2`;
    return one(await this.session.get(sql, eventId, variant), (row) => eventVariant(eventId, row));
  }

  events(filter: EventFilter, page: Page): Promise<PageOf<EventRow>> {
    return eventsPage(this.session, this.#pace, filter, page);
  }

  async pendingWebhooks(eventIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    if (eventIds.length === 0) return new Map();
    const rows = await this.session.all(
      `SELECT i.id, (SELECT count(DISTINCT d.endpoint) ${unanswered("i.n")}) AS count FROM event_ids i WHERE i.id = ANY($1::text[])`,
      eventIds,
    );
    const counts = new Map(eventIds.map((id) => [id, 0]));
    for (const { id, count } of rows) counts.set(id as string, count as number);
    return counts;
  }

  async delivery(id: string): Promise<DeliveryRow | null> {
    return one(await this.session.get(`${DELIVERIES} WHERE d.id = $1`, id), deliveryRow);
  }

  deliveriesOfEvents(
    owner: { accountId: string; livemode: boolean },
    eventIds: readonly string[],
    each: number,
  ): Promise<ReadonlyMap<string, DeliveryRow[]>> {
    return deliveriesOfEvents(this.session, owner, eventIds, each);
  }

  deliveries(filter: DeliveryFilter, page: Page): Promise<PageOf<DeliveryRow>> {
    return deliveriesPage(this.session, this.#pace, filter, page);
  }

  async walkDeliveries(walk: DeliveryWalk): Promise<WalkedDeliveries> {
    return walkDeliveries(this.session, walk);
  }

  async attempts(deliveryId: string): Promise<AttemptRow[]> {
    // Found by the delivery, so its attempts exist as long as its event.
    const delivery = (await this.session.get("SELECT d.n FROM deliveries d JOIN events e ON e.n = d.event WHERE d.id = $1", deliveryId))?.n;
    if (delivery === undefined) return [];
    const rows = await this.session.all("SELECT * FROM attempts WHERE delivery = $1 ORDER BY number", delivery as number);
    return rows.map((row) => attemptRow(deliveryId, row));
  }

  async lastAttempts(deliveryIds: readonly string[]): Promise<ReadonlyMap<string, LastAttempt>> {
    // Found by the delivery, so its attempts exist as long as its event.
    const rows = await this.session.all(
      `SELECT d.id, a.at, a.duration_ms, a.outcome, a.status, a.reason
       FROM deliveries d JOIN events e ON e.n = d.event JOIN LATERAL (
         SELECT * FROM attempts WHERE attempts.delivery = d.n ORDER BY number DESC LIMIT 1
       ) a ON true
       WHERE d.id = ANY($1::text[])`,
      deliveryIds,
    );
    return new Map(rows.map((row) => [row.id as string, lastAttempt(row)]));
  }

  recentOutcomes(of: OutcomesOf, limit: number): Promise<RecentOutcome[]> {
    return recentOutcomes(this.session, of, limit);
  }

  givenUp(owner: { accountId: string; livemode: boolean }, limit: number): Promise<GivenUp> {
    return givenUp(this.session, owner, limit);
  }

  endpointQueue(endpointId: string, countUpTo: number): Promise<WaitingDeliveries> {
    return endpointQueue(this.session, endpointId, countUpTo);
  }

  async throughput(filter: ThroughputFilter, limit: number): Promise<Throughput> {
    return throughput(this.session, filter, limit);
  }

  upcomingDeliveries(endpointIds: readonly string[], limit: number): Promise<DeliveryRow[]> {
    return upcomingDeliveries(this.session, endpointIds, limit);
  }

  upcomingTasks(filter: UpcomingTasksFilter, limit: number): Promise<TaskRow[]> {
    return upcomingTasks(this.session, filter, limit);
  }

  async uncleanEnds(deliveryId: string): Promise<UncleanEnd[]> {
    const rows = await this.session.all(
      "SELECT u.at, u.under_way FROM deliveries d JOIN unclean_ends u ON u.delivery = d.n WHERE d.id = $1 ORDER BY u.n",
      deliveryId,
    );
    return rows.map(({ at, under_way }) => ({ at: at as number, underWay: under_way as number }));
  }

  async countQuarantined(): Promise<number> {
    const sql = "SELECT count(DISTINCT d.n)::integer AS count FROM unclean_ends u JOIN deliveries d ON d.n = u.delivery WHERE d.state = $1";
    return (await this.session.get(sql, stateNumber("quarantined")))?.count as number;
  }

  backlog(now: number, countUpTo: number): Promise<Backlog> {
    return backlog(this.session, now, countUpTo);
  }

  async storage(): Promise<Storage> {
    return storage(this.session);
  }

  async waiting(endpointId: string, now: number, countUpTo: number): Promise<Waiting> {
    return waiting(this.session, endpointId, now, countUpTo);
  }

  async object(id: string): Promise<ObjectRow | null> {
    return one(await this.session.get("SELECT * FROM objects WHERE id = $1", id), (row) => objectRow(row, this.box));
  }

  newestObjects(asked: readonly NewestObjects[]): Promise<ObjectRow[][]> {
    return newestObjects(this.session, this.box, asked);
  }

  newestChildren(asked: NewestChildren): Promise<ObjectRow[][]> {
    return newestChildren(this.session, this.box, asked);
  }

  eventsById(ids: readonly string[]): Promise<ReadonlyMap<string, EventRow>> {
    return eventsById(this.session, ids);
  }

  deliveriesById(ids: readonly string[]): Promise<ReadonlyMap<string, DeliveryRow>> {
    return deliveriesById(this.session, ids);
  }

  eventVariants(asked: readonly Omit<EventVariant, "body">[]): Promise<EventVariant[]> {
    return eventVariants(this.session, asked);
  }

  objectsById(ids: readonly string[]): Promise<ReadonlyMap<string, ObjectRow>> {
    return objectsById(this.session, this.box, ids);
  }

  objects(filter: ObjectFilter, page: Page): Promise<PageOf<ObjectRow>> {
    const searched: Condition[] = [
      ["account_id = ?", filter.accountId],
      ["livemode = ?", filter.livemode],
      ["object = ?", filter.object],
    ];
    if (filter.parent !== undefined) searched.push(["parent = ?", filter.parent]);
    const fitting = inRange("created", filter.created);
    // `->` gives a field as JSON text: 1, "1" and true stay different.
    for (const [field, value] of Object.entries(filter.where ?? {})) fitting.push(["(data -> ?)::text = ?", field, JSON.stringify(value)]);
    for (const [field, range] of Object.entries(filter.within ?? {})) fitting.push(...inRange(timeIn(field), range));
    return walkPage(
      this.session,
      this.#pace,
      { owner: filter.accountId, walked: "objects", order: "id", searched, fitting, row: (row) => objectRow(row, this.box) },
      page,
    );
  }

  async tasks({ accountId, livemode }: { accountId: string; livemode: boolean }): Promise<TaskRow[]> {
    const sql = "SELECT * FROM tasks WHERE account_id = $1 AND livemode = $2 ORDER BY due_at, n";
    return (await this.session.all(sql, accountId, livemode)).map(taskRow);
  }

  async tasksOfKind(kind: string, limit: number): Promise<TaskRow[]> {
    return (await this.session.all("SELECT * FROM tasks WHERE kind = $1 ORDER BY due_at, n LIMIT $2", kind, limit)).map(taskRow);
  }

  async idempotentAnswer(scope: string, key: string, since: number): Promise<IdempotentAnswer | null> {
    if (this.session.presumeUnused({ scope, key, since })) return null;
    const sql = "SELECT * FROM idempotent_answers WHERE scope = $1 AND key = $2 AND created >= $3";
    return one(await this.session.get(sql, scope, key, since), (row) => idempotentAnswer(row, this.box));
  }

  async takesWrites(): Promise<boolean> {
    const sql = "SELECT NOT (pg_is_in_recovery() OR current_setting('default_transaction_read_only')::boolean) AS writes";
    return (await this.session.get(sql))?.writes as boolean;
  }

  async setting(name: string): Promise<Json> {
    const row = await this.session.get("SELECT value FROM settings WHERE name = $1", name);
    if (row === undefined) return null;
    return (isSealedSetting(name) ? JSON.parse(this.box.open(placeOf(SEALED.settingValue, name), row.value)) : row.value) as Json;
  }

  async request(id: string): Promise<RequestRow | null> {
    return one(await this.session.get("SELECT * FROM requests WHERE id = $1", id), requestRow);
  }

  requests(filter: RequestFilter, page: Page): Promise<PageOf<RequestRow>> {
    return requestsPage(this.session, this.#pace, filter, page);
  }

  async dashboardSession(hash: string): Promise<DashboardSessionRow | null> {
    return one(await this.session.get("SELECT * FROM dashboard_sessions WHERE hash = $1", hash), dashboardSessionRow);
  }

  async listenSession(id: string): Promise<ListenSessionRow | null> {
    return one(await this.session.get("SELECT * FROM listen_sessions WHERE id = $1", id), listenSessionRow);
  }

  async listenSessions({ accountId, livemode }: { accountId: string; livemode: boolean }): Promise<ListenSessionRow[]> {
    const sql = "SELECT * FROM listen_sessions WHERE account_id = $1 AND livemode = $2 ORDER BY created, id";
    return (await this.session.all(sql, accountId, livemode)).map(listenSessionRow);
  }

  async expiredListenSessions(at: number, limit: number): Promise<ListenSessionRow[]> {
    const sql = "SELECT * FROM listen_sessions WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2";
    return (await this.session.all(sql, at, limit)).map(listenSessionRow);
  }
}

function one<Row>(row: SqlRow | undefined, rowOf: (row: SqlRow) => Row): Row | null {
  return row === undefined ? null : rowOf(row);
}

/** Compared in the same way as the database compares ids. */
function inOrder(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** A time in the data, as a number. Throws for a name that no resource has. */
function timeIn(field: string): string {
  if (!/^\w+$/.test(field)) throw new Error(`${JSON.stringify(field)} is not a field to look for.`);
  return `(data ->> '${field}')::numeric`;
}
