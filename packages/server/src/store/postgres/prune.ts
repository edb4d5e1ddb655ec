import { allWithin } from "../delivery-number.ts";
import type { Session } from "./session.ts";

const OLD_EVENTS = `
  SELECT n FROM events WHERE created < $1 AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.event = events.n AND d.state = 0)
  ORDER BY created LIMIT $2`;
const ATTEMPTS = "DELETE FROM attempts WHERE key IN (SELECT key FROM attempts WHERE key BETWEEN $1 AND $2 LIMIT $3)";
const ANSWERS = `
  DELETE FROM idempotent_answers WHERE (scope, key) IN (
    SELECT scope, key FROM idempotent_answers WHERE created < $1 ORDER BY created LIMIT $2
  )`;

/**
 * Deletes old events with nothing pending, with all that hangs on them, and old answers: at most `limit` rows of each
 * kind, so that it never holds others up for long. An event with more than that goes over several calls, itself last.
 */
export async function prune(session: Session, request: { eventsBefore: number; answersBefore: number; limit: number }): Promise<number> {
  const { limit } = request;
  let events = 0;
  let variants = 0;
  let deliveries = 0;
  let attempts = 0;
  for (const { n } of await session.all(OLD_EVENTS, request.eventsBefore, limit)) {
    if (!(await pruneDeliveries(n as number))) break;
    variants += await session.run("DELETE FROM event_variants WHERE event = $1", n as number);
    events += await session.run("DELETE FROM events WHERE n = $1", n as number);
  }
  const answers = await session.run(ANSWERS, request.answersBefore, limit);
  return events + variants + deliveries + attempts + answers;

  /** Returns whether all of an event's deliveries are gone. */
  async function pruneDeliveries(event: number): Promise<boolean> {
    for (const { n } of await session.all("SELECT n FROM deliveries WHERE event = $1 LIMIT $2", event, limit - deliveries + 1)) {
      if (deliveries === limit) return false;
      const keys = allWithin(n as number);
      attempts += await session.run(ATTEMPTS, ...keys, limit - attempts);
      if ((await session.get("SELECT 1 FROM attempts WHERE key BETWEEN $1 AND $2 LIMIT 1", ...keys)) !== undefined) return false;
      deliveries += await session.run("DELETE FROM deliveries WHERE n = $1", n as number);
    }
    return true;
  }
}
