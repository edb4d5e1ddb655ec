import { isListener } from "../contract/is-listener.ts";
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
import { placeOf } from "../secret-box.ts";
import { BOUND_LIMIT } from "./database/bound-limit.ts";
import type { SqlValue } from "./database/connection.ts";
import { insertion, insertRows } from "./database/insert-rows.ts";
import { insertDeliveries } from "./deliveries/insert-deliveries.ts";
import { InsertedEvents } from "./deliveries/inserted-events.ts";
import { earliestDue } from "./deliveries/lanes.ts";
import { cancelPending, deleteListenSession, insertListenSession, updateListenSession } from "./deliveries/listeners.ts";
import { releaseQuarantined } from "./deliveries/suspects.ts";
import { noteArrival } from "./lists/event-times.ts";
import { insertAudit, insertOperator, noteOperatorUse } from "./operators.ts";
import { erase, eraseAmongOthers } from "./retention/erase.ts";
import { endpointValues, INSERT_ENDPOINT, NO_LONGER_HELD, UPDATE_ENDPOINT } from "./rows/endpoint-columns.ts";
import { isErased } from "./rows/is-erased.ts";
import { savePlatformSettings } from "./rows/platform-settings.ts";
import { taskRow } from "./rows/rows.ts";
import { SqliteReads } from "./sqlite-reads.ts";

const EVENTS = insertion(
  "events (n, id, account_id, livemode, type, created, object_id, application_id, body)",
  "(?, ?, ?, ?, ?, ?, ?, ?, ?)",
);
const INSERT_VARIANT = "INSERT INTO event_variants (event, variant, body) VALUES (?, ?, ?)";
const INSERT_OWNER = "INSERT OR IGNORE INTO owners (account_id, livemode) VALUES (?, ?)";

const NOTE_KEY_USE = `
  INSERT INTO key_uses (hash, at) SELECT hash, ? FROM keys WHERE hash = ?
  ON CONFLICT (hash) DO UPDATE SET at = excluded.at WHERE key_uses.at < ?`;

const SCHEDULE_TASK = `
  INSERT INTO tasks (account_id, livemode, kind, subject, due_at) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (account_id, livemode, kind, subject) DO UPDATE SET due_at = excluded.due_at`;

/** All writes. */
export class SqliteTransaction extends SqliteReads implements Transaction {
  /** The events that this transaction inserted. */
  #inserted: InsertedEvents | null = null;

  async insertAccount(row: AccountRow): Promise<void> {
    const { id, created, apiVersion, deleted, data } = row;
    this.scope.run("INSERT INTO accounts VALUES (?, ?, ?, ?, ?)", id, created, apiVersion, Number(deleted), JSON.stringify(data));
  }

  async updateAccount({ id, apiVersion, deleted, data }: AccountRow): Promise<void> {
    const sql = "UPDATE accounts SET api_version = ?, deleted = ?, data = ? WHERE id = ?";
    this.#update(sql, apiVersion, Number(deleted), JSON.stringify(data), id);
  }

  async insertApplication({ id, accountId, livemode, name, redirectUris }: ApplicationRow): Promise<void> {
    const sql = "INSERT INTO applications VALUES (?, ?, ?, ?, ?)";
    this.scope.run(sql, id, accountId, Number(livemode), name, this.#sealedUris(id, redirectUris));
  }

  async updateApplication({ id, name, redirectUris }: ApplicationRow): Promise<void> {
    this.#update("UPDATE applications SET name = ?, redirect_uris = ? WHERE id = ?", name, this.#sealedUris(id, redirectUris), id);
  }

  async insertKey({ hash, accountId, livemode, kind, hint, created, expiresAt, grant, permissions }: KeyRow): Promise<void> {
    const granted = grant === null ? [null, null, null] : [grant.platformId, Number(grant.livemode), grant.scope];
    const sql = "INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    const allowed = permissions === null ? null : JSON.stringify(permissions);
    this.scope.run(sql, hash, accountId, Number(livemode), kind, hint, created, expiresAt, ...granted, allowed);
  }

  async expireGrantedKeys(
    { platformId, accountId, livemode }: Pick<ConnectionRow, "platformId" | "accountId" | "livemode">,
    at: number,
  ): Promise<void> {
    const sql =
      "UPDATE keys SET expires_at = ? WHERE account_id = ? AND platform_id = ? AND connection_livemode = ? AND expires_at IS NULL";
    this.scope.run(sql, at, accountId, platformId, Number(livemode));
  }

  async setKeyExpiry(hash: string, at: number | null): Promise<void> {
    this.#update("UPDATE keys SET expires_at = ? WHERE hash = ?", at, hash);
  }

  async noteKeyUse(hash: string, at: number, unlessSince: number): Promise<void> {
    this.scope.run(NOTE_KEY_USE, at, hash, unlessSince);
  }

  async deleteKeys(accountId: string): Promise<void> {
    this.scope.run("DELETE FROM key_uses WHERE hash IN (SELECT hash FROM keys WHERE account_id = ?)", accountId);
    this.scope.run("DELETE FROM keys WHERE account_id = ?", accountId);
  }

  async insertOperator(row: OperatorRow): Promise<void> {
    insertOperator(this.scope, row);
  }

  async setOperatorExpiry(hash: string, at: number): Promise<void> {
    this.#update("UPDATE operators SET expires_at = ? WHERE hash = ?", at, hash);
  }

  async noteOperatorUse(hash: string, at: number, unlessSince: number): Promise<void> {
    noteOperatorUse(this.scope, hash, at, unlessSince);
  }

  async insertAudit(act: AuditAct): Promise<void> {
    insertAudit(this.scope, act);
  }

  async insertConnection({ platformId, livemode, accountId, created, controller, scope }: ConnectionRow): Promise<void> {
    const sql = "INSERT INTO connections VALUES (?, ?, ?, ?, ?, ?)";
    this.scope.run(sql, platformId, Number(livemode), accountId, created, Number(controller), scope);
  }

  async deleteConnection(platformId: string, accountId: string, livemode: boolean): Promise<void> {
    const sql = "DELETE FROM connections WHERE platform_id = ? AND livemode = ? AND account_id = ?";
    this.scope.run(sql, platformId, Number(livemode), accountId);
  }

  async insertEndpoint(row: EndpointRow): Promise<void> {
    const owner = [row.accountId, Number(row.livemode)];
    this.scope.run(INSERT_OWNER, ...owner);
    this.scope.run(INSERT_ENDPOINT, ...endpointValues(row, this.box), ...owner);
  }

  async updateEndpoint(row: EndpointRow): Promise<void> {
    this.#update(UPDATE_ENDPOINT, ...endpointValues(row, this.box));
    this.scope.run(NO_LONGER_HELD, row.id);
    this.scope.endpointChanged(row.id);
    // Deliveries that waited while it was paused may be due.
    const dueAt = row.pausedAt === null && !isListener(row.id) ? earliestDue(this.scope, row.id) : null;
    if (dueAt !== null) this.scope.due(dueAt);
  }

  async insertObject(row: ObjectRow): Promise<void> {
    const { id, object, accountId, livemode, parent, created } = row;
    const sql = "INSERT INTO objects VALUES (?, ?, ?, ?, ?, ?, ?)";
    this.scope.run(sql, id, object, accountId, Number(livemode), parent, created, this.#objectData(row));
  }

  async updateObject(row: ObjectRow): Promise<void> {
    this.#update("UPDATE objects SET parent = ?, data = ? WHERE id = ?", row.parent, this.#objectData(row), row.id);
  }

  async deleteObject(id: string): Promise<void> {
    this.scope.run("DELETE FROM objects WHERE id = ?", id);
  }

  async scheduleTask({ accountId, livemode, kind, subject, dueAt }: TaskRow): Promise<void> {
    this.scope.run(SCHEDULE_TASK, accountId, Number(livemode), kind, subject, dueAt);
    this.scope.taskDue(dueAt);
  }

  async cancelTask({ accountId, livemode, kind, subject }: Omit<TaskRow, "dueAt">): Promise<void> {
    const sql = "DELETE FROM tasks WHERE account_id = ? AND livemode = ? AND kind = ? AND subject = ?";
    this.scope.run(sql, accountId, Number(livemode), kind, subject);
  }

  async takeDueTasks(now: number, limit: number): Promise<TaskRow[]> {
    const due = this.scope.all(`SELECT * FROM tasks INDEXED BY tasks_due WHERE due_at <= ? ORDER BY due_at, n ${BOUND_LIMIT}`, now, limit);
    for (const { n } of due) this.scope.run("DELETE FROM tasks WHERE n = ?", n as number);
    return due.map(taskRow);
  }

  async insertEvents(events: readonly EventRow[], variants: readonly EventVariant[]): Promise<void> {
    const values: SqlValue[] = [];
    this.#inserted ??= new InsertedEvents();
    for (const { id, accountId, livemode, type, created, objectId, applicationId, body } of events) {
      const n = this.scope.next("event");
      this.#inserted.add(id, n);
      noteArrival(this.scope, n, created, this.scope.newestEvent(created));
      values.push(n, id, accountId, livemode ? 1 : 0, type, created, objectId, applicationId, body);
    }
    insertRows(this.scope, EVENTS, values);
    for (const { eventId, variant, body } of variants) this.scope.run(INSERT_VARIANT, this.#eventNumber(eventId), variant, body);
  }

  async insertDeliveries(deliveries: readonly NewDelivery[]): Promise<void> {
    insertDeliveries(this.scope, deliveries, (id) => this.#eventNumber(id));
  }

  async releaseQuarantined(deliveryId: string, dueAt: number): Promise<boolean> {
    return releaseQuarantined(this.scope, deliveryId, dueAt);
  }

  async insertIdempotentAnswer(row: IdempotentAnswer): Promise<void> {
    const { scope, key, fingerprint, status, body, requestId, created, about } = row;
    const [caller, account] = scope.split("/", 2);
    for (const id of [caller, account, about]) if (typeof id === "string" && isErased(this.scope, id)) return;
    const sql = "INSERT OR REPLACE INTO idempotent_answers VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
    const sealed = this.box.seal(placeOf(SEALED.answerBody, scope, key), body);
    this.scope.run(sql, scope, key, fingerprint, status, sealed, requestId, created, about);
  }

  async savePlatformSettings(settings: PlatformSettings): Promise<void> {
    savePlatformSettings(this.scope, settings);
  }

  async saveSetting(name: string, value: Json): Promise<void> {
    const json = isSealedSetting(name) ? sealJson(this.box, placeOf(SEALED.settingValue, name), value) : JSON.stringify(value);
    this.scope.run("INSERT OR REPLACE INTO settings VALUES (?, ?)", name, json);
  }

  async insertListenSession(row: ListenSessionRow): Promise<void> {
    insertListenSession(this.scope, row);
  }

  async updateListenSession(row: Pick<ListenSessionRow, "id" | "opened" | "connected" | "expiresAt">): Promise<boolean> {
    return updateListenSession(this.scope, row);
  }

  async deleteListenSession(id: string): Promise<void> {
    deleteListenSession(this.scope, id);
  }

  async eraseRows(erased: ErasedAccount, limit: number): Promise<number> {
    return erase(this.scope, erased, limit);
  }

  async eraseAmongOthers(erasure: string, limit: number): Promise<number> {
    return eraseAmongOthers(this.scope, erasure, limit);
  }

  async cancelPending(endpointId: string, now: number, limit: number): Promise<number> {
    return cancelPending(this.scope, endpointId, now, limit);
  }

  #sealedUris(id: string, redirectUris: readonly string[]): string {
    return sealJson(this.box, placeOf(SEALED.redirectUris, id), redirectUris);
  }

  #objectData({ id, object, data }: ObjectRow): string {
    return isSealedKind(object) ? sealJson(this.box, placeOf(SEALED.linkData, id), data) : JSON.stringify(data);
  }

  /** An event's number. Throws if the event does not exist, which is a bug. */
  #eventNumber(id: string): number {
    const n = this.#inserted?.numberOf(id) ?? (this.scope.get("SELECT n FROM events WHERE id = ?", id)?.n as number | undefined);
    if (n === undefined) throw new Error(`There is no event ${id}.`);
    return n;
  }

  /** The last value is the id of a row that must exist. */
  #update(sql: string, ...values: SqlValue[]): void {
    if (this.scope.run(sql, ...values) === 0) throw new Error(`${String(values.at(-1))} is not there to be updated.`);
  }
}
