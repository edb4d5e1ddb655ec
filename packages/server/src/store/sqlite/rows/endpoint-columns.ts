import type { EndpointRow } from "../../contract/rows.ts";
import { SEALED, sealJson } from "../../sealed-fields.ts";
import { placeOf, type SecretBox } from "../../secret-box.ts";
import type { SqlValue } from "../database/connection.ts";

/** The owner comes last: an update does not need it, because an endpoint's owner never changes. */
export const INSERT_ENDPOINT = `
  INSERT INTO endpoints (
    account_id, livemode, connect, url, enabled_events, api_version, description, metadata, status, disabled_reason, secrets,
    created, deleted, first_failure_at, made_by, told_of, rate_limit, own, payload, name, updated,
    paused_at, id, owner
  ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT n FROM owners WHERE account_id = ? AND livemode = ?))`;

export const UPDATE_ENDPOINT = `
  UPDATE endpoints SET
    account_id = ?, livemode = ?, connect = ?, url = ?, enabled_events = ?, api_version = ?, description = ?, metadata = ?, status = ?,
    disabled_reason = ?, secrets = ?, created = ?, deleted = ?, first_failure_at = ?, made_by = ?,
    told_of = ?, rate_limit = ?, own = ?, payload = ?, name = ?, updated = ?, paused_at = ?
  WHERE id = ?`;

/** A change ends every hold: the engines forget what they knew about the endpoint. */
export const NO_LONGER_HELD = "UPDATE endpoint_failures SET held_until = NULL, held_by = NULL WHERE endpoint_id = ?";

/** An endpoint in the form that both statements take, with its URL and secrets sealed. */
export function endpointValues(row: EndpointRow, box: SecretBox): SqlValue[] {
  return [
    row.accountId,
    Number(row.livemode),
    Number(row.connect),
    box.seal(placeOf(SEALED.endpointUrl, row.id), row.url),
    JSON.stringify(row.enabledEvents),
    row.apiVersion,
    row.description,
    JSON.stringify(row.metadata),
    row.status,
    row.disabledReason,
    sealJson(box, placeOf(SEALED.endpointSecrets, row.id), row.secrets),
    row.created,
    Number(row.deleted),
    row.firstFailureAt,
    row.madeBy,
    row.toldOf,
    row.rateLimit,
    Number(row.own),
    row.payload,
    row.name,
    row.updated,
    row.pausedAt,
    row.id,
  ];
}
