import { isListener } from "../contract/is-listener.ts";
import type { NewDelivery } from "../contract/rows.ts";
import { kindNumber, NEVER, stateNumber } from "../delivery-codes.ts";
import { firstClaim } from "../first-claim.ts";
import type { AfterCommit } from "./after-commit.ts";
import { leaseToken } from "./lease-token.ts";
import type { Session } from "./session.ts";

const INSERT = `
  INSERT INTO deliveries (n, id, kind, event, endpoint, account_id, livemode, variant, created, lease, lease_node, due_at, next_attempt_at)
  SELECT nextval('delivery_numbers'), g.id, g.kind, g.event, p.n, p.account_id, p.livemode, g.variant, g.created, g.lease,
    CASE WHEN g.lease > 0 THEN $10::text END, g.due_at, g.next_attempt_at
  FROM unnest(
      $1::text[], $2::smallint[], $3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::integer[], $8::bigint[], $9::bigint[]
    ) WITH ORDINALITY AS g (id, kind, event, endpoint, variant, created, lease, due_at, next_attempt_at, position)
    JOIN endpoints p ON p.id = g.endpoint
  ORDER BY g.position
  RETURNING id, n`;

const SKIPPED = `
  INSERT INTO deliveries (n, id, kind, event, endpoint, account_id, livemode, created, state, lease, due_at, next_attempt_at, settled_at)
  SELECT nextval('delivery_numbers'), g.id, g.kind, g.event, p.n, p.account_id, p.livemode, g.created, ${stateNumber("cancelled")}, 0,
    ${NEVER}, ${NEVER}, g.created
  FROM unnest($1::text[], $2::smallint[], $3::bigint[], $4::text[], $5::bigint[]) WITH ORDINALITY
      AS g (id, kind, event, endpoint, created, position)
    JOIN endpoints p ON p.id = g.endpoint
  ORDER BY g.position`;

/**
 * Writes deliveries in one statement, and skipped ones, as cancelled, in another. A due delivery with room in the hot
 * lane is written leased, and handed over after the commit. A listener's deliveries wait for the server that has its
 * socket. `eventNumber` gives an event's number by its id; `node` holds the leases.
 */
export async function insertDeliveries(
  session: Session,
  after: AfterCommit,
  all: readonly NewDelivery[],
  eventNumber: (id: string) => Promise<number>,
  node: string,
): Promise<void> {
  await insertSkipped(
    session,
    all.filter(({ skipped }) => skipped === true),
    eventNumber,
  );
  const deliveries = all.filter(({ skipped }) => skipped !== true);
  if (deliveries.length === 0) return;
  const events: number[] = [];
  for (const { event } of deliveries) events.push(await eventNumber(event.id));
  const leases = deliveries.map(({ endpoint, dueAt, created, body }) =>
    dueAt <= created && endpoint.pausedAt === null && !isListener(endpoint.id) ? after.reserve(endpoint, created, body.length) : null,
  );
  const rows = await session.all(
    INSERT,
    deliveries.map(({ id }) => id),
    deliveries.map(({ kind }) => kindNumber(kind)),
    events,
    deliveries.map(({ endpoint }) => endpoint.id),
    deliveries.map(({ variant }) => variant),
    deliveries.map(({ created }) => created),
    leases.map((lease) => (lease === null ? 0 : 1)),
    deliveries.map(({ dueAt }, index) => leases[index]?.leaseUntil ?? dueAt),
    deliveries.map(({ dueAt }) => dueAt),
    node,
  );
  const numbers = new Map(rows.map(({ id, n }) => [id as string, n as number]));
  for (const [index, delivery] of deliveries.entries()) {
    const n = numbers.get(delivery.id);
    if (n === undefined) throw new Error(`There is no endpoint ${delivery.endpoint.id} to owe anything.`);
    const lease = leases[index] ?? null;
    if (isListener(delivery.endpoint.id)) after.owedToListener(delivery.endpoint.id);
    else if (lease !== null) after.handOver(firstClaim(delivery, leaseToken(n, 1), lease.leaseUntil));
    else if (delivery.endpoint.pausedAt === null) after.due(delivery.dueAt);
  }
}

async function insertSkipped(
  session: Session,
  deliveries: readonly NewDelivery[],
  eventNumber: (id: string) => Promise<number>,
): Promise<void> {
  if (deliveries.length === 0) return;
  const events: number[] = [];
  for (const { event } of deliveries) events.push(await eventNumber(event.id));
  const inserted = await session.run(
    SKIPPED,
    deliveries.map(({ id }) => id),
    deliveries.map(({ kind }) => kindNumber(kind)),
    events,
    deliveries.map(({ endpoint }) => endpoint.id),
    deliveries.map(({ created }) => created),
  );
  if (inserted !== deliveries.length) throw new Error("There is no endpoint to owe anything.");
}
