import type {
  AccountRow,
  ApplicationRow,
  AttemptRow,
  AuditRow,
  ConnectionRow,
  DeliveryRow,
  EndpointFailures,
  EndpointHold,
  EndpointRow,
  EventRow,
  EventVariant,
  IdempotentAnswer,
  JsonObject,
  KeyPermissions,
  KeyRow,
  LastAttempt,
  ObjectRow,
  OperatorRow,
  Scope,
  TaskRow,
} from "../../contract/rows.ts";
import { kindOf, NEVER, stateOf } from "../../delivery-codes.ts";
import { frozen } from "../../frozen.ts";
import { phasesOf } from "../../kept-phases.ts";
import { isSealedKind, SEALED } from "../../sealed-fields.ts";
import { placeOf, type SecretBox, unquoted } from "../../secret-box.ts";
import type { SqlRow } from "../database/connection.ts";
import { nthOf } from "./delivery-number.ts";

/** How columns become rows. The tables check columns (STRICT), so reads return what was written. */

export function accountRow(row: SqlRow): AccountRow {
  const account = {
    id: row.id as string,
    created: row.created as number,
    apiVersion: row.api_version as string,
    deleted: row.deleted === 1,
  };
  return parsedWhenRead<AccountRow, "data">(account, { data: row.data });
}

export function applicationRow(row: SqlRow, box: SecretBox): ApplicationRow {
  const application = {
    id: row.id as string,
    accountId: row.account_id as string,
    livemode: row.livemode === 1,
    name: row.name as string,
  };
  return parsedWhenRead<ApplicationRow, "redirectUris">(application, { redirectUris: row.redirect_uris }, (sealed) =>
    JSON.parse(box.openKnown(SEALED.redirectUris, application.id, sealed)),
  );
}

export function keyRow(row: SqlRow): KeyRow {
  return {
    hash: row.hash as string,
    accountId: row.account_id as string,
    livemode: row.livemode === 1,
    kind: row.kind as KeyRow["kind"],
    hint: row.hint as string,
    created: row.created as number,
    expiresAt: row.expires_at as number | null,
    grant:
      row.platform_id === null
        ? null
        : { platformId: row.platform_id as string, livemode: row.connection_livemode === 1, scope: row.scope as Scope },
    permissions: row.permissions === null ? null : (JSON.parse(row.permissions as string) as KeyPermissions),
  };
}

export function operatorRow(row: SqlRow): OperatorRow {
  return {
    hash: row.hash as string,
    name: row.name as string,
    hint: row.hint as string,
    readOnly: row.read_only === 1,
    created: row.created as number,
    expiresAt: row.expires_at as number | null,
  };
}

export function auditRow(row: SqlRow): AuditRow {
  return {
    id: String(row.n),
    at: row.at as number,
    act: row.act as string,
    accountId: row.account_id as string | null,
    subject: row.subject as string,
    by: row.by as string,
    from: row.origin as string | null,
    detail: JSON.parse(row.detail as string),
  };
}

export function connectionRow(row: SqlRow): ConnectionRow {
  return {
    platformId: row.platform_id as string,
    accountId: row.account_id as string,
    livemode: row.livemode === 1,
    created: row.created as number,
    controller: row.controller === 1,
    scope: row.scope as Scope,
  };
}

export function endpointRow(row: SqlRow, box: SecretBox): EndpointRow {
  const id = row.id as string;
  return {
    id,
    accountId: row.account_id as string,
    livemode: row.livemode === 1,
    connect: row.connect === 1,
    own: row.own === null ? row.connect === 0 : row.own === 1,
    payload: row.payload as EndpointRow["payload"],
    url: box.openKnown(SEALED.endpointUrl, id, row.url),
    enabledEvents: parsed<string[]>(row.enabled_events),
    apiVersion: row.api_version as string | null,
    name: row.name as string | null,
    description: row.description as string | null,
    metadata: parsed<Record<string, string>>(row.metadata),
    status: row.status as EndpointRow["status"],
    disabledReason: row.disabled_reason as EndpointRow["disabledReason"],
    secrets: parsed<EndpointRow["secrets"]>(box.openKnown(SEALED.endpointSecrets, id, row.secrets)),
    created: row.created as number,
    updated: (row.updated as number | null) ?? (row.created as number),
    deleted: row.deleted === 1,
    madeBy: row.made_by as string | null,
    firstFailureAt: row.first_failure_at as number | null,
    toldOf: row.told_of as EndpointRow["toldOf"],
    rateLimit: row.rate_limit as number | null,
    pausedAt: row.paused_at as number | null,
  };
}

export function endpointFailures(row: SqlRow): EndpointFailures {
  return {
    count: row.count as number,
    last: {
      at: row.at as number,
      outcome: row.outcome as string,
      status: row.status as number | null,
      reason: row.reason as string,
    },
    held: row.held_until === null ? null : { until: row.held_until as number, by: row.held_by as EndpointHold["by"] },
  };
}

export function objectRow(row: SqlRow, box: SecretBox): ObjectRow {
  const id = row.id as string;
  const object = row.object as string;
  return {
    id,
    object,
    accountId: row.account_id as string,
    livemode: row.livemode === 1,
    parent: row.parent as string | null,
    created: row.created as number,
    data: parsed<JsonObject>(isSealedKind(object) ? box.open(placeOf(SEALED.linkData, id), unquoted(row.data)) : row.data),
  };
}

export function taskRow(row: SqlRow): TaskRow {
  return {
    accountId: row.account_id as string,
    livemode: row.livemode === 1,
    kind: row.kind as string,
    subject: row.subject as string,
    dueAt: row.due_at as number,
  };
}

export function eventRow(row: SqlRow): EventRow {
  return {
    id: row.id as string,
    accountId: row.account_id as string,
    livemode: row.livemode === 1,
    type: row.type as string,
    created: row.created as number,
    objectId: row.object_id as string | null,
    applicationId: row.application_id as string | null,
    body: row.body as Uint8Array,
  };
}

export function eventVariant(eventId: string, row: SqlRow): EventVariant {
  return { eventId, variant: row.variant as string, body: row.body as Uint8Array };
}

export function deliveryRow(row: SqlRow): DeliveryRow {
  const state = stateOf(row.state);
  return {
    id: row.id as string,
    kind: kindOf(row.kind),
    eventId: row.event_id as string,
    eventType: row.event_type as string,
    eventAccountId: row.event_account_id as string,
    eventLivemode: row.event_livemode === 1,
    endpointId: row.endpoint_id as string,
    accountId: row.account_id as string,
    livemode: row.livemode === 1,
    state,
    attempts: row.attempts as number,
    variant: row.variant as string | null,
    created: row.created as number,
    nextAttemptAt: state === "pending" ? (row.next_attempt_at as number) : null,
    settledAt: row.settled_at as number | null,
    skipped: row.next_attempt_at === NEVER,
  };
}

export function attemptRow(deliveryId: string, row: SqlRow): AttemptRow {
  return {
    deliveryId,
    number: nthOf(row.key as number),
    at: row.at as number,
    durationMs: row.duration_ms as number,
    outcome: row.outcome as string,
    status: row.status as number | null,
    reason: row.reason as string,
    retryAfterMs: row.retry_after_ms as number | null,
    phases: phasesOf(row.phases),
    requestHeaders: {
      ...(row.constant === null ? {} : parsed<Record<string, string>>(row.constant)),
      ...parsed<Record<string, string>>(row.request_headers),
    },
    responseHeaders: parsed<Record<string, string>>(row.response_headers),
    responseBody: row.response_body as string,
  };
}

export function lastAttempt(row: SqlRow): LastAttempt {
  return {
    at: row.at as number,
    durationMs: row.duration_ms as number,
    outcome: row.outcome as string,
    status: row.status as number | null,
    reason: row.reason as string,
  };
}

export function idempotentAnswer(row: SqlRow, box: SecretBox): IdempotentAnswer {
  const scope = row.scope as string;
  const key = row.key as string;
  return {
    scope,
    key,
    fingerprint: row.fingerprint as string,
    status: row.status as number,
    body: box.open(placeOf(SEALED.answerBody, scope, key), row.body),
    requestId: row.request_id as string,
    created: row.created as number,
    about: row.about as string | null,
  };
}

function parsed<T>(value: unknown): T {
  return JSON.parse(value as string) as T;
}

/**
 * A row whose JSON columns are parsed when they are first read: every request reads accounts, but few use their JSON.
 * The row and the parsed values are frozen, because such rows are shared.
 */
function parsedWhenRead<Row extends object, Column extends keyof Row & string>(
  row: Omit<Row, Column>,
  columns: Readonly<Record<Column, unknown>>,
  parse: (value: string) => unknown = JSON.parse,
): Row {
  for (const name of Object.keys(columns) as Column[]) {
    let known: unknown;
    const get = (): unknown => {
      known ??= frozen(parse(columns[name] as string));
      return known;
    };
    Object.defineProperty(row, name, { get, enumerable: true, configurable: true });
  }
  return Object.freeze(row) as Row;
}
