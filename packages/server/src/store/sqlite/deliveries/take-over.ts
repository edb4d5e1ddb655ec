import type { TakenOver } from "../../contract/taken-over.ts";
import { stateNumber } from "../../delivery-codes.ts";
import { type EndsMet, HELD, isQuarantined, meetEnd } from "../../unclean-end.ts";
import type { WorkScope } from "../database/scope.ts";
import { deliveryOf, nthOf } from "../rows/delivery-number.ts";
import { settleLane } from "./lanes.ts";
import { releaseListeners } from "./listeners.ts";
import { noteUnanswered } from "./note-unanswered.ts";
import { releaseLeases } from "./release-leases.ts";

// A settlement advances the lease or ends the delivery, so settled deliveries are not found.
const UNDER_WAY = `
  SELECT d.n, d.id, p.id AS endpoint_id FROM deliveries d NOT INDEXED CROSS JOIN endpoints p ON p.n = d.endpoint
  WHERE d.n = ? AND d.lease = ? AND d.state = 0`;
const ENDS = "SELECT count(*) AS ends, count(*) FILTER (WHERE under_way = 1) AS alone FROM unclean_ends WHERE delivery = ?";
const NOTE = "INSERT INTO unclean_ends (delivery, at, under_way) VALUES (?, ?, ?)";
// Advances the lease: anything that still names this one is outdated.
const HOLD = "UPDATE deliveries NOT INDEXED SET lease = lease + 1, due_at = ? WHERE n = ?";
const QUARANTINE = "UPDATE deliveries NOT INDEXED SET lease = lease + 1, state = ?, settled_at = ? WHERE n = ?";
const SUSPECT = "INSERT OR REPLACE INTO suspects (delivery, alone, ends) VALUES (?, ?, ?)";

/**
 * Takes over from the previous process: ends its leases, and makes what it had under way suspect or quarantined.
 * `noted` are the tokens that it recorded last.
 */
export function takeOver(scope: WorkScope, now: number, noted: readonly number[]): TakenOver {
  const underWay = noted.map((token) => scope.get(UNDER_WAY, deliveryOf(token), nthOf(token))).filter((row) => row !== undefined);
  const quarantined: string[] = [];
  for (const { n, id } of underWay) {
    const met = meetEnd(scope.get(ENDS, n as number) as unknown as EndsMet, underWay.length);
    scope.run(NOTE, n as number, now, underWay.length);
    if (isQuarantined(met)) {
      quarantined.push(id as string);
      scope.run(QUARANTINE, stateNumber("quarantined"), now, n as number);
      noteUnanswered(scope, n as number);
    } else {
      scope.run(HOLD, HELD, n as number);
      scope.run(SUSPECT, n as number, met.alone, met.ends);
    }
  }
  for (const { endpoint_id } of underWay) settleLane(scope, endpoint_id as string, null);
  const released = releaseLeases(scope, now) + releaseListeners(scope);
  const suspects = scope.get("SELECT count(*) AS count FROM suspects")?.count as number;
  return { released, underWay: underWay.length, suspects, quarantined };
}
