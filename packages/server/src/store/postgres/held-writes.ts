import type { Claim } from "../contract/delivery-store.ts";
import type { EventRow, IdempotentAnswer, NewDelivery, ObjectRow } from "../contract/rows.ts";
import { kindNumber, NEVER, stateNumber } from "../delivery-codes.ts";
import { firstClaim } from "../first-claim.ts";
import { isSealedKind, SEALED } from "../sealed-fields.ts";
import { placeOf, type SecretBox } from "../secret-box.ts";
import { leaseToken } from "./lease-token.ts";
import type { ClientSession } from "./session.ts";

/** An event's number, or its place among the held events. */
export type EventNumber = { n: number } | { held: HeldEvent };

export interface HeldEvent {
  row: EventRow;
  /** Its number, once numbers are drawn. */
  n: number;
}

interface HeldVariant {
  event: EventNumber;
  accountId: string;
  variant: string;
  body: Uint8Array;
}

interface HeldDelivery {
  delivery: NewDelivery;
  /** Its number, once numbers are drawn. */
  n: number;
  event: EventNumber;
  /** Its lease, if the hot lane has room for it. */
  leaseUntil: number | null;
}

/** What a transaction inserts, held back until it needs an answer or ends: then all of it goes in one message. */
export class HeldWrites {
  readonly objects: (Omit<ObjectRow, "data"> & { data: string })[] = [];
  readonly events: HeldEvent[] = [];
  readonly variants: HeldVariant[] = [];
  readonly deliveries: HeldDelivery[] = [];
  readonly skipped: Omit<HeldDelivery, "leaseUntil">[] = [];
  readonly answers: IdempotentAnswer[] = [];

  /** How many rows. */
  get count(): number {
    const { objects, events, variants, deliveries, skipped, answers } = this;
    return objects.length + events.length + variants.length + deliveries.length + skipped.length + answers.length;
  }

  get isEmpty(): boolean {
    return this.count === 0;
  }
}

// One row or a thousand: one statement, prepared once.
const INSERT_OBJECTS = `
  INSERT INTO objects (id, object, account_id, livemode, parent, created, data)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $5::text[], $6::bigint[], $7::json[])`;
// Numbers follow the order given. Whoever draws one holds up the move to the next partition until the transaction ends.
const DRAW_NUMBERS = `
  SELECT ARRAY(SELECT nextval('event_numbers') FROM generate_series(1, $1::integer)) AS events,
    ARRAY(SELECT nextval('delivery_numbers') FROM generate_series(1, $2::integer)) AS deliveries`;
// The bodies come as one value, which is sent as it is: in an array each would be sent in hexadecimal.
const INSERT_EVENTS = `
  WITH given AS (
    SELECT * FROM unnest(
      $1::bigint[], $2::text[], $3::text[], $4::boolean[], $5::text[], $6::bigint[], $7::text[], $8::text[], $9::integer[], $10::integer[]
    ) AS one (n, id, account_id, livemode, type, created, object_id, application_id, starts, bytes)
  ), ids AS (
    INSERT INTO event_ids (id, account_id, n) SELECT id, account_id, n FROM given
  )
  INSERT INTO events (n, id, account_id, livemode, type, created, object_id, application_id, body)
  SELECT n, id, account_id, livemode, type, created, object_id, application_id, substring($11::bytea FROM starts FOR bytes) FROM given`;
const INSERT_VARIANTS = `
  INSERT INTO event_variants (event, variant, account_id, body)
  SELECT event, variant, account_id, substring($6::bytea FROM starts FOR bytes)
  FROM unnest($1::bigint[], $2::text[], $3::text[], $4::integer[], $5::integer[]) AS one (event, variant, account_id, starts, bytes)`;
// A missing endpoint fails the statement: its number must not be null.
const INSERT_DELIVERIES = `
  INSERT INTO deliveries (n, id, kind, event, endpoint, account_id, livemode, variant, created, lease, lease_node, due_at, next_attempt_at)
  SELECT g.n, g.id, g.kind, g.event, p.n, p.account_id, p.livemode, g.variant, g.created, g.lease,
    CASE WHEN g.lease > 0 THEN $11::text END, g.due_at, g.next_attempt_at
  FROM unnest(
      $1::bigint[], $2::text[], $3::smallint[], $4::bigint[], $5::text[], $6::text[], $7::bigint[], $8::integer[], $9::bigint[], $10::bigint[]
    ) AS g (n, id, kind, event, endpoint, variant, created, lease, due_at, next_attempt_at)
    LEFT JOIN endpoints p ON p.id = g.endpoint`;
const INSERT_SKIPPED = `
  INSERT INTO deliveries (n, id, kind, event, endpoint, account_id, livemode, created, state, lease, due_at, next_attempt_at, settled_at)
  SELECT g.n, g.id, g.kind, g.event, p.n, p.account_id, p.livemode, g.created, ${stateNumber("cancelled")}, 0,
    ${NEVER}, ${NEVER}, g.created
  FROM unnest($1::bigint[], $2::text[], $3::smallint[], $4::bigint[], $5::text[], $6::bigint[])
      AS g (n, id, kind, event, endpoint, created)
    LEFT JOIN endpoints p ON p.id = g.endpoint`;
const KEEP_ANSWERS = `
  INSERT INTO idempotent_answers (scope, key, fingerprint, status, body, request_id, created)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::smallint[], $5::text[], $6::text[], $7::bigint[])
  ON CONFLICT (scope, key) DO UPDATE SET
    fingerprint = excluded.fingerprint, status = excluded.status, body = excluded.body, request_id = excluded.request_id,
    created = excluded.created`;

const NOT_NULL_VIOLATION = "23502";

/** Draws the numbers of held events and deliveries. */
export async function drawNumbers(session: ClientSession, all: readonly HeldWrites[]): Promise<void> {
  const events = all.flatMap((held) => held.events);
  const deliveries = all.flatMap((held) => [...held.deliveries, ...held.skipped]);
  if (events.length + deliveries.length === 0) return;
  const drawn = (await session.get(DRAW_NUMBERS, events.length, deliveries.length)) as { events: string[]; deliveries: string[] };
  for (const [index, event] of events.entries()) event.n = Number(drawn.events[index]);
  for (const [index, delivery] of deliveries.entries()) delivery.n = Number(drawn.deliveries[index]);
}

/**
 * Sends the held writes of transactions that share a commit, once their numbers are drawn. The session's `answered`
 * waits for them.
 */
export function sendWrites(session: ClientSession, box: SecretBox, node: string, all: readonly HeldWrites[]): void {
  const objects = all.flatMap((held) => held.objects);
  const events = all.flatMap((held) => held.events);
  const variants = all.flatMap((held) => held.variants);
  const deliveries = all.flatMap((held) => held.deliveries);
  const skipped = all.flatMap((held) => held.skipped);
  const answers = all.flatMap((held) => held.answers);
  if (objects.length > 0) sendObjects(session, box, objects);
  if (events.length > 0) sendEvents(session, events);
  if (variants.length > 0) sendVariants(session, variants);
  if (skipped.length > 0) sendSkipped(session, skipped);
  if (deliveries.length > 0) sendDeliveries(session, deliveries, node);
  if (answers.length > 0) sendAnswers(session, box, answers);
}

/** The claims of held deliveries that are written leased, once their numbers are drawn. */
export function claimsOf({ deliveries }: HeldWrites): Claim[] {
  return deliveries.flatMap(({ delivery, n, leaseUntil }) =>
    leaseUntil === null ? [] : [firstClaim(delivery, leaseToken(n, 1), leaseUntil)],
  );
}

function sendObjects(session: ClientSession, box: SecretBox, objects: HeldWrites["objects"]): void {
  session.send(INSERT_OBJECTS, [
    objects.map(({ id }) => id),
    objects.map(({ object }) => object),
    objects.map(({ accountId }) => accountId),
    objects.map(({ livemode }) => livemode),
    objects.map(({ parent }) => parent),
    objects.map(({ created }) => created),
    objects.map(({ id, object, data }) => (isSealedKind(object) ? JSON.stringify(box.seal(placeOf(SEALED.linkData, id), data)) : data)),
  ]);
}

function sendEvents(session: ClientSession, events: readonly HeldEvent[]): void {
  const rows = events.map(({ row }) => row);
  const { starts, bytes, joined } = oneValue(rows.map(({ body }) => body));
  session.send(INSERT_EVENTS, [
    events.map(({ n }) => n),
    rows.map(({ id }) => id),
    rows.map(({ accountId }) => accountId),
    rows.map(({ livemode }) => livemode),
    rows.map(({ type }) => type),
    rows.map(({ created }) => created),
    rows.map(({ objectId }) => objectId),
    rows.map(({ applicationId }) => applicationId),
    starts,
    bytes,
    joined,
  ]);
}

function sendVariants(session: ClientSession, variants: readonly HeldVariant[]): void {
  const { starts, bytes, joined } = oneValue(variants.map(({ body }) => body));
  session.send(INSERT_VARIANTS, [
    variants.map(({ event }) => numberOf(event)),
    variants.map(({ variant }) => variant),
    variants.map(({ accountId }) => accountId),
    starts,
    bytes,
    joined,
  ]);
}

function sendDeliveries(session: ClientSession, held: readonly HeldDelivery[], node: string): void {
  session.send(
    INSERT_DELIVERIES,
    [
      held.map(({ n }) => n),
      held.map(({ delivery }) => delivery.id),
      held.map(({ delivery }) => kindNumber(delivery.kind)),
      held.map(({ event }) => numberOf(event)),
      held.map(({ delivery }) => delivery.endpoint.id),
      held.map(({ delivery }) => delivery.variant),
      held.map(({ delivery }) => delivery.created),
      held.map(({ leaseUntil }) => (leaseUntil === null ? 0 : 1)),
      held.map(({ delivery, leaseUntil }) => leaseUntil ?? delivery.dueAt),
      held.map(({ delivery }) => delivery.dueAt),
      node,
    ],
    meaningOfDelivery,
  );
}

function sendSkipped(session: ClientSession, held: HeldWrites["skipped"]): void {
  session.send(
    INSERT_SKIPPED,
    [
      held.map(({ n }) => n),
      held.map(({ delivery }) => delivery.id),
      held.map(({ delivery }) => kindNumber(delivery.kind)),
      held.map(({ event }) => numberOf(event)),
      held.map(({ delivery }) => delivery.endpoint.id),
      held.map(({ delivery }) => delivery.created),
    ],
    meaningOfDelivery,
  );
}

function sendAnswers(session: ClientSession, box: SecretBox, answers: readonly IdempotentAnswer[]): void {
  session.send(KEEP_ANSWERS, [
    answers.map(({ scope }) => scope),
    answers.map(({ key }) => key),
    answers.map(({ fingerprint }) => fingerprint),
    answers.map(({ status }) => status),
    answers.map(({ scope, key, body }) => box.seal(placeOf(SEALED.answerBody, scope, key), body)),
    answers.map(({ requestId }) => requestId),
    answers.map(({ created }) => created),
  ]);
}

const numberOf = (event: EventNumber): number => ("held" in event ? event.held.n : event.n);

/** Bodies as one value, and where each is in it. */
function oneValue(bodies: readonly Uint8Array[]): { starts: number[]; bytes: number[]; joined: Buffer } {
  const starts: number[] = [];
  let end = 1;
  for (const body of bodies) {
    starts.push(end);
    end += body.length;
  }
  return { starts, bytes: bodies.map(({ length }) => length), joined: Buffer.concat(bodies) };
}

/** A delivery without an endpoint: a bug. */
function meaningOfDelivery(error: unknown): unknown {
  const { code, column } = error as { code?: string; column?: string };
  return code === NOT_NULL_VIOLATION && column === "endpoint"
    ? new Error("There is no endpoint to owe anything.", { cause: error })
    : error;
}
