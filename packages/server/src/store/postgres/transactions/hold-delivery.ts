import { isListener } from "../../contract/is-listener.ts";
import type { NewDelivery } from "../../contract/rows.ts";
import type { AfterCommit } from "./after-commit.ts";
import type { EventNumber } from "./held-writes.ts";
import type { LateSession } from "./late-session.ts";

/**
 * Holds a delivery, or a skipped one, until the transaction's writes are sent. A due delivery is written as leased, and
 * handed over after the commit, if the hot lane has room, or a node that sends has room and this one does not send. A
 * listener's deliveries wait for the server that has its socket.
 */
export function holdDelivery(session: LateSession, after: AfterCommit, delivery: NewDelivery, event: EventNumber): void {
  const { endpoint, skipped, dueAt, created, body } = delivery;
  if (skipped === true) {
    session.hold((held) => held.skipped.push({ delivery, n: null, event, lease: null }));
    return;
  }
  const direct = dueAt <= created && endpoint.pausedAt === null && !isListener(endpoint.id);
  const lease = direct ? after.reserve(endpoint, created, body.length) : null;
  session.hold((held) => held.deliveries.push({ delivery, n: null, event, lease }));
  if (isListener(endpoint.id)) after.owedToListener(endpoint.id);
  else if (lease === null && endpoint.pausedAt === null) after.due(dueAt);
}
