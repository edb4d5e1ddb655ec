import type { PlatformSettings } from "../contract/platform-settings.ts";
import type {
  AccountRow,
  ApplicationRow,
  AuditAct,
  ConnectionRow,
  EndpointRow,
  EventRow,
  EventVariant,
  IdempotentAnswer,
  Json,
  KeyRow,
  ListenSessionRow,
  NewDelivery,
  ObjectRow,
  OperatorRow,
  TaskRow,
} from "../contract/rows.ts";
import type { ErasedAccount, Transaction } from "../contract/transaction.ts";
import { isSealedKind, isSealedSetting, SEALED, sealJson } from "../sealed-fields.ts";
import { placeOf, type SecretBox } from "../secret-box.ts";
import { keptJson } from "./database/kept-text.ts";
import type { SqlValue } from "./database/session.ts";
import { cancelPending, deleteListenSession, insertListenSession, updateListenSession } from "./deliveries/listeners.ts";
import { releaseQuarantined } from "./deliveries/suspects.ts";
import { insertAudit, insertOperator, noteOperatorUse } from "./operators.ts";
import { PostgresReads } from "./postgres-reads.ts";
import { erase, eraseAmongOthers } from "./retention/erase.ts";
import { endpointValues, INSERT_ENDPOINT, NO_LONGER_HELD, UPDATE_ENDPOINT } from "./rows/endpoint-columns.ts";
import { deleteKeys, expireGrantedKeys, insertKey, noteKeyUse } from "./rows/keys.ts";
import { savePlatformSettings } from "./rows/platform-settings.ts";
import { cancelTask, scheduleTask, takeDueTasks } from "./rows/tasks.ts";
import type { AfterCommit } from "./transactions/after-commit.ts";
import type { EventNumber } from "./transactions/held-writes.ts";
import { holdDelivery } from "./transactions/hold-delivery.ts";
import type { LateSession } from "./transactions/late-session.ts";

// The lock keeps the event's partition from being dropped before this transaction has ended.
const EVENT_NUMBER = "SELECT n, account_id FROM event_ids WHERE id = $1 FOR KEY SHARE";
/** All writes. */
export class PostgresTransaction extends PostgresReads<LateSession> implements Transaction {
  readonly #after: AfterCommit;
  /** The events that this transaction inserted or looked up. */
  readonly #events = new Map<string, { number: EventNumber; accountId: string }>();

  constructor(session: LateSession, box: SecretBox, after: AfterCommit) {
    super(session, box);
    this.#after = after;
  }

  async insertAccount({ id, created, apiVersion, deleted, data }: AccountRow): Promise<void> {
    await this.session.run("INSERT INTO accounts VALUES ($1, $2, $3, $4, $5)", id, created, apiVersion, deleted, keptJson(data));
  }

  async updateAccount({ id, apiVersion, deleted, data }: AccountRow): Promise<void> {
    const sql = "UPDATE accounts SET api_version = $1, deleted = $2, data = $3 WHERE id = $4";
    await this.#update(sql, apiVersion, deleted, keptJson(data), id);
  }

  async insertApplication({ id, accountId, livemode, name, redirectUris }: ApplicationRow): Promise<void> {
    const sql = "INSERT INTO applications VALUES ($1, $2, $3, $4, $5)";
    await this.session.run(sql, id, accountId, livemode, name, this.#sealedUris(id, redirectUris));
  }

  async updateApplication({ id, name, redirectUris }: ApplicationRow): Promise<void> {
    await this.#update("UPDATE applications SET name = $1, redirect_uris = $2 WHERE id = $3", name, this.#sealedUris(id, redirectUris), id);
  }

  async insertKey(row: KeyRow): Promise<void> {
    await insertKey(this.session, row);
  }

  async expireGrantedKeys(connection: Pick<ConnectionRow, "platformId" | "accountId" | "livemode">, at: number): Promise<void> {
    await expireGrantedKeys(this.session, connection, at);
  }

  async setKeyExpiry(hash: string, at: number | null): Promise<void> {
    await this.#update("UPDATE keys SET expires_at = $1 WHERE hash = $2", at, hash);
  }

  async noteKeyUse(hash: string, at: number, unlessSince: number): Promise<void> {
    await noteKeyUse(this.session, hash, at, unlessSince);
  }

  async deleteKeys(accountId: string): Promise<void> {
    await deleteKeys(this.session, accountId);
  }

  async insertOperator(row: OperatorRow): Promise<void> {
    await insertOperator(this.session, row);
  }

  async setOperatorExpiry(hash: string, at: number): Promise<void> {
    await this.#update("UPDATE operators SET expires_at = $1 WHERE hash = $2", at, hash);
  }

  async noteOperatorUse(hash: string, at: number, unlessSince: number): Promise<void> {
    await noteOperatorUse(this.session, hash, at, unlessSince);
  }

  async insertAudit(act: AuditAct): Promise<void> {
    await insertAudit(this.session, act);
  }

  async insertConnection({ platformId, livemode, accountId, created, controller, scope }: ConnectionRow): Promise<void> {
    const sql = "INSERT INTO connections VALUES ($1, $2, $3, $4, $5, $6)";
    await this.session.run(sql, platformId, livemode, accountId, created, controller, scope);
  }

  async deleteConnection(platformId: string, accountId: string, livemode: boolean): Promise<void> {
    const sql = "DELETE FROM connections WHERE platform_id = $1 AND livemode = $2 AND account_id = $3";
    await this.session.run(sql, platformId, livemode, accountId);
  }

  async insertEndpoint(row: EndpointRow): Promise<void> {
    await this.session.run(INSERT_ENDPOINT, ...endpointValues(row, this.box));
  }

  async updateEndpoint(row: EndpointRow): Promise<void> {
    await this.#update(UPDATE_ENDPOINT, ...endpointValues(row, this.box));
    await this.session.run(NO_LONGER_HELD, row.id);
    this.#after.endpointChanged(row.id);
    // Deliveries that waited while it was paused may be due.
    if (row.pausedAt === null) this.#after.due(0);
  }

  async insertObject(row: ObjectRow): Promise<void> {
    this.session.hold((held) => held.objects.push({ ...row, data: keptJson(row.data) }));
  }

  async updateObject(row: ObjectRow): Promise<void> {
    await this.#update("UPDATE objects SET parent = $1, data = $2 WHERE id = $3", row.parent, this.#objectData(row), row.id);
  }

  async deleteObject(id: string): Promise<void> {
    await this.session.run("DELETE FROM objects WHERE id = $1", id);
  }

  async scheduleTask(task: TaskRow): Promise<void> {
    await scheduleTask(this.session, task);
    this.#after.taskDue(task.dueAt);
  }

  async cancelTask(task: Omit<TaskRow, "dueAt">): Promise<void> {
    await cancelTask(this.session, task);
  }

  async takeDueTasks(now: number, limit: number): Promise<TaskRow[]> {
    return takeDueTasks(this.session, now, limit);
  }

  async insertEvents(events: readonly EventRow[], variants: readonly EventVariant[]): Promise<void> {
    for (const row of events) {
      const event = { row, n: null, place: 0 };
      this.#events.set(row.id, { number: { held: event }, accountId: row.accountId });
      this.session.hold((held) => held.events.push(event));
    }
    for (const { eventId, variant, body } of variants) {
      const { number, accountId } = await this.#event(eventId);
      this.session.hold((held) => held.variants.push({ event: number, accountId, variant, body }));
    }
  }

  async insertDeliveries(deliveries: readonly NewDelivery[]): Promise<void> {
    for (const delivery of deliveries) holdDelivery(this.session, this.#after, delivery, (await this.#event(delivery.event.id)).number);
  }

  releaseQuarantined(deliveryId: string, dueAt: number): Promise<boolean> {
    return releaseQuarantined(this.session, this.#after, deliveryId, dueAt);
  }

  async insertIdempotentAnswer(answer: IdempotentAnswer): Promise<void> {
    this.session.hold((held) => held.answers.push({ ...answer }));
  }

  savePlatformSettings(settings: PlatformSettings): Promise<void> {
    return savePlatformSettings(this.session, settings);
  }

  async saveSetting(name: string, value: Json): Promise<void> {
    const sql = "INSERT INTO settings VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    const json = isSealedSetting(name) ? sealJson(this.box, placeOf(SEALED.settingValue, name), value) : JSON.stringify(value);
    await this.session.run(sql, name, json);
  }

  async insertListenSession(row: ListenSessionRow): Promise<void> {
    await insertListenSession(this.session, row);
  }

  updateListenSession(row: Pick<ListenSessionRow, "id" | "opened" | "connected" | "expiresAt">): Promise<boolean> {
    return updateListenSession(this.session, row);
  }

  async deleteListenSession(id: string): Promise<void> {
    await deleteListenSession(this.session, id);
  }

  eraseRows(erased: ErasedAccount, limit: number): Promise<number> {
    return erase(this.session, erased, limit);
  }

  eraseAmongOthers(erasure: string, limit: number): Promise<number> {
    return eraseAmongOthers(this.session, erasure, limit);
  }

  cancelPending(endpointId: string, now: number, limit: number): Promise<number> {
    return cancelPending(this.session, endpointId, now, limit);
  }

  #sealedUris(id: string, redirectUris: readonly string[]): string {
    return sealJson(this.box, placeOf(SEALED.redirectUris, id), redirectUris);
  }

  #objectData({ id, object, data }: ObjectRow): string {
    return isSealedKind(object) ? sealJson(this.box, placeOf(SEALED.linkData, id), data) : keptJson(data);
  }

  /** An event's number and account. Throws if the event does not exist, which is a bug. */
  async #event(id: string): Promise<{ number: EventNumber; accountId: string }> {
    const known = this.#events.get(id);
    if (known !== undefined) return known;
    const row = await this.session.get(EVENT_NUMBER, id);
    if (row === undefined) throw new Error(`There is no event ${id}.`);
    const event = { number: { n: row.n as number }, accountId: row.account_id as string };
    this.#events.set(id, event);
    return event;
  }

  /** The last value is the id of a row that must exist. */
  async #update(sql: string, ...values: SqlValue[]): Promise<void> {
    if ((await this.session.run(sql, ...values)) === 0) throw new Error(`${String(values.at(-1))} is not there to be updated.`);
  }
}
