import type { EndpointRow } from "../../contract/rows.ts";
import { SEALED, sealJson } from "../../sealed-fields.ts";
import { placeOf, type SecretBox } from "../../secret-box.ts";
import type { SqlValue } from "../database/session.ts";

export const INSERT_ENDPOINT = `
  INSERT INTO endpoints (
    account_id, livemode, connect, url, enabled_events, api_version, description, metadata, status, disabled_reason, secrets,
    created, deleted, first_failure_at, made_by, told_of, rate_limit, own, payload, name,
    updated, paused_at, id
  ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)`;

export const UPDATE_ENDPOINT = `
  UPDATE endpoints SET
    account_id = $1, livemode = $2, connect = $3, url = $4, enabled_events = $5, api_version = $6, description = $7, metadata = $8,
    status = $9, disabled_reason = $10, secrets = $11, created = $12, deleted = $13, first_failure_at = $14,
    made_by = $15, told_of = $16, rate_limit = $17, own = $18, payload = $19, name = $20, updated = $21, paused_at = $22
  WHERE id = $23`;

/** A change ends every hold: the engines forget what they knew about the endpoint. */
export const NO_LONGER_HELD = "UPDATE endpoint_failures SET held_until = NULL, held_by = NULL WHERE endpoint_id = $1";

/** An endpoint in the form that both statements take, with its URL and secrets sealed. */
export function endpointValues(row: EndpointRow, box: SecretBox): SqlValue[] {
  return [
    row.accountId,
    row.livemode,
    row.connect,
    box.seal(placeOf(SEALED.endpointUrl, row.id), row.url),
    JSON.stringify(row.enabledEvents),
    row.apiVersion,
    row.description,
    JSON.stringify(row.metadata),
    row.status,
    row.disabledReason,
    sealJson(box, placeOf(SEALED.endpointSecrets, row.id), row.secrets),
    row.created,
    row.deleted,
    row.firstFailureAt,
    row.madeBy,
    row.toldOf,
    row.rateLimit,
    row.own,
    row.payload,
    row.name,
    row.updated,
    row.pausedAt,
    row.id,
  ];
}
