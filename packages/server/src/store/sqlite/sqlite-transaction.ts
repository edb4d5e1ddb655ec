import type {
  AccountRow,
  ApplicationRow,
  ConnectionRow,
  EndpointRow,
  EventRow,
  EventVariant,
  IdempotentAnswer,
  Json,
  KeyRow,
  NewDelivery,
  ObjectRow,
  Transaction,
} from "../store.ts";
import type { SqlValue } from "./connection.ts";
import { insertDeliveries } from "./insert-deliveries.ts";
import { SqliteReads } from "./sqlite-reads.ts";

const INSERT_EVENT = `
  INSERT INTO events (id, account_id, livemode, type, created, object_id, application_id, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
const INSERT_ENDPOINT = `
  INSERT INTO endpoints (
    account_id, livemode, connect, url, enabled_events, api_version, description, metadata, status, disabled_reason, secrets,
    created, deleted, first_failure_at, id
  ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const UPDATE_ENDPOINT = `
  UPDATE endpoints SET
    account_id = ?, livemode = ?, connect = ?, url = ?, enabled_events = ?, api_version = ?, description = ?, metadata = ?, status = ?,
    disabled_reason = ?, secrets = ?, created = ?, deleted = ?, first_failure_at = ?
  WHERE id = ?`;

/** Everything that changes. */
export class SqliteTransaction extends SqliteReads implements Transaction {
  async insertAccount(row: AccountRow): Promise<void> {
    const { id, created, apiVersion, deleted, data } = row;
    this.scope.run("INSERT INTO accounts VALUES (?, ?, ?, ?, ?)", id, created, apiVersion, Number(deleted), JSON.stringify(data));
  }

  async updateAccount({ id, deleted, data }: AccountRow): Promise<void> {
    this.#update("UPDATE accounts SET deleted = ?, data = ? WHERE id = ?", Number(deleted), JSON.stringify(data), id);
  }

  async insertApplication({ id, accountId, name }: ApplicationRow): Promise<void> {
    this.scope.run("INSERT INTO applications VALUES (?, ?, ?)", id, accountId, name);
  }

  async insertKey({ hash, accountId, livemode, kind, hint, created, expiresAt }: KeyRow): Promise<void> {
    this.scope.run("INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, ?)", hash, accountId, Number(livemode), kind, hint, created, expiresAt);
  }

  async deleteKeys(accountId: string): Promise<void> {
    this.scope.run("DELETE FROM keys WHERE account_id = ?", accountId);
  }

  async insertConnection({ platformId, livemode, accountId, created, controller }: ConnectionRow): Promise<void> {
    this.scope.run("INSERT INTO connections VALUES (?, ?, ?, ?, ?)", platformId, Number(livemode), accountId, created, Number(controller));
  }

  async deleteConnection(platformId: string, accountId: string, livemode: boolean): Promise<void> {
    const sql = "DELETE FROM connections WHERE platform_id = ? AND livemode = ? AND account_id = ?";
    this.scope.run(sql, platformId, Number(livemode), accountId);
  }

  async insertEndpoint(row: EndpointRow): Promise<void> {
    this.scope.run(INSERT_ENDPOINT, ...endpointValues(row));
  }

  async updateEndpoint(row: EndpointRow): Promise<void> {
    this.#update(UPDATE_ENDPOINT, ...endpointValues(row));
  }

  async insertObject({ id, object, accountId, livemode, parent, created, data }: ObjectRow): Promise<void> {
    const sql = "INSERT INTO objects VALUES (?, ?, ?, ?, ?, ?, ?)";
    this.scope.run(sql, id, object, accountId, Number(livemode), parent, created, JSON.stringify(data));
  }

  async updateObject({ id, data }: ObjectRow): Promise<void> {
    this.#update("UPDATE objects SET data = ? WHERE id = ?", JSON.stringify(data), id);
  }

  async deleteObject(id: string): Promise<void> {
    this.scope.run("DELETE FROM objects WHERE id = ?", id);
  }

  async insertEvents(events: readonly EventRow[], variants: readonly EventVariant[]): Promise<void> {
    for (const { id, accountId, livemode, type, created, objectId, applicationId, body } of events)
      this.scope.run(INSERT_EVENT, id, accountId, livemode ? 1 : 0, type, created, objectId, applicationId, body);
    for (const { eventId, variant, body } of variants)
      this.scope.run("INSERT INTO event_variants (event_id, variant, body) VALUES (?, ?, ?)", eventId, variant, body);
  }

  async insertDeliveries(deliveries: readonly NewDelivery[]): Promise<void> {
    insertDeliveries(this.scope, deliveries);
  }

  async insertIdempotentAnswer(row: IdempotentAnswer): Promise<void> {
    const { scope, key, fingerprint, status, body, requestId, created } = row;
    const sql = "INSERT OR REPLACE INTO idempotent_answers VALUES (?, ?, ?, ?, ?, ?, ?)";
    this.scope.run(sql, scope, key, fingerprint, status, body, requestId, created);
  }

  async saveSetting(name: string, value: Json): Promise<void> {
    this.scope.run("INSERT OR REPLACE INTO settings VALUES (?, ?)", name, JSON.stringify(value));
  }

  /** The last value is the id of a row that must be there. */
  #update(sql: string, ...values: SqlValue[]): void {
    if (this.scope.run(sql, ...values) === 0) throw new Error(`${String(values.at(-1))} is not there to be updated.`);
  }
}

function endpointValues(row: EndpointRow): SqlValue[] {
  return [
    row.accountId,
    Number(row.livemode),
    Number(row.connect),
    row.url,
    JSON.stringify(row.enabledEvents),
    row.apiVersion,
    row.description,
    JSON.stringify(row.metadata),
    row.status,
    row.disabledReason,
    JSON.stringify(row.secrets),
    row.created,
    Number(row.deleted),
    row.firstFailureAt,
    row.id,
  ];
}
