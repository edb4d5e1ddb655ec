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
import { phasesOf } from "../../kept-phases.ts";
import { isSealedKind, SEALED } from "../../sealed-fields.ts";
import { placeOf, type SecretBox } from "../../secret-box.ts";
import type { SqlRow } from "../database/session.ts";

/** How columns become rows. The driver reads `json` and `bigint` (`session.ts`), so most columns come as they are. */

export function accountRow(row: SqlRow): AccountRow {
  return {
    id: row.id as string,
    created: row.created as number,
    apiVersion: row.api_version as string,
    deleted: row.deleted as boolean,
    data: row.data as JsonObject,
  };
}

export function applicationRow(row: SqlRow, box: SecretBox): ApplicationRow {
  const id = row.id as string;
  return {
    id,
    accountId: row.account_id as string,
    livemode: row.livemode as boolean,
    name: row.name as string,
    redirectUris: JSON.parse(box.openKnown(SEALED.redirectUris, id, row.redirect_uris)) as string[],
  };
}

export function keyRow(row: SqlRow): KeyRow {
  return {
    hash: row.hash as string,
    accountId: row.account_id as string,
    livemode: row.livemode as boolean,
    kind: row.kind as KeyRow["kind"],
    hint: row.hint as string,
    created: row.created as number,
    expiresAt: row.expires_at as number | null,
    grant:
      row.platform_id === null
        ? null
        : { platformId: row.platform_id as string, livemode: row.connection_livemode as boolean, scope: row.scope as Scope },
    permissions: row.permissions as KeyPermissions | null,
  };
}

export function operatorRow(row: SqlRow): OperatorRow {
  return {
    hash: row.hash as string,
    name: row.name as string,
    hint: row.hint as string,
    readOnly: row.read_only as boolean,
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
    detail: (typeof row.detail === "string" ? JSON.parse(row.detail) : row.detail) as AuditRow["detail"],
  };
}

export function connectionRow(row: SqlRow): ConnectionRow {
  return {
    platformId: row.platform_id as string,
    accountId: row.account_id as string,
    livemode: row.livemode as boolean,
    created: row.created as number,
    controller: row.controller as boolean,
    scope: row.scope as Scope,
  };
}

export function endpointRow(row: SqlRow, box: SecretBox): EndpointRow {
  const id = row.id as string;
  return {
    id,
    accountId: row.account_id as string,
    livemode: row.livemode as boolean,
    connect: row.connect as boolean,
    own: (row.own as boolean | null) ?? row.connect === false,
    payload: row.payload as EndpointRow["payload"],
    url: box.openKnown(SEALED.endpointUrl, id, row.url),
    enabledEvents: row.enabled_events as string[],
    apiVersion: row.api_version as string | null,
    name: row.name as string | null,
    description: row.description as string | null,
    metadata: row.metadata as Record<string, string>,
    status: row.status as EndpointRow["status"],
    disabledReason: row.disabled_reason as EndpointRow["disabledReason"],
    secrets: JSON.parse(box.openKnown(SEALED.endpointSecrets, id, row.secrets)) as EndpointRow["secrets"],
    created: row.created as number,
    updated: (row.updated as number | null) ?? (row.created as number),
    deleted: row.deleted as boolean,
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
    livemode: row.livemode as boolean,
    parent: row.parent as string | null,
    created: row.created as number,
    data: (isSealedKind(object) ? JSON.parse(box.open(placeOf(SEALED.linkData, id), row.data)) : row.data) as JsonObject,
  };
}

export function taskRow(row: SqlRow): TaskRow {
  return {
    accountId: row.account_id as string,
    livemode: row.livemode as boolean,
    kind: row.kind as string,
    subject: row.subject as string,
    dueAt: row.due_at as number,
  };
}

export function eventRow(row: SqlRow): EventRow {
  return {
    id: row.id as string,
    accountId: row.account_id as string,
    livemode: row.livemode as boolean,
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
    eventLivemode: row.event_livemode as boolean,
    endpointId: row.endpoint_id as string,
    accountId: row.account_id as string,
    livemode: row.livemode as boolean,
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
    number: row.number as number,
    at: row.at as number,
    durationMs: row.duration_ms as number,
    outcome: row.outcome as string,
    status: row.status as number | null,
    reason: row.reason as string,
    retryAfterMs: row.retry_after_ms as number | null,
    phases: phasesOf(row.phases),
    requestHeaders: row.request_headers as Record<string, string>,
    responseHeaders: row.response_headers as Record<string, string>,
    responseBody: Buffer.from(row.response_body as Uint8Array).toString(),
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
