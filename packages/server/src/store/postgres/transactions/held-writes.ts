import type { Claim } from "../../contract/delivery-store.ts";
import type { EventRow, IdempotentAnswer, NewDelivery, ObjectRow } from "../../contract/rows.ts";
import { kindNumber, NEVER, stateNumber } from "../../delivery-codes.ts";
import { firstClaim } from "../../first-claim.ts";
import { isSealedKind, SEALED } from "../../sealed-fields.ts";
import { placeOf, type SecretBox } from "../../secret-box.ts";
import type { ClientSession } from "../database/session.ts";
import { isErased, OF_ANSWER } from "../rows/is-erased.ts";
import { leaseToken } from "../rows/lease-token.ts";
import type { FirstLease } from "./hand-offs.ts";
import type { HandedOver } from "./node-message.ts";

/** An event's number, or its position among the held events. */
export type EventNumber = { n: number } | { held: HeldEvent };

export interface HeldEvent {
  row: EventRow;
  /** Its number; null until it is inserted. */
  n: number | null;
  /** Its position among the events that are inserted with it. */
  place: number;
}

interface HeldVariant {
  event: EventNumber;
  accountId: string;
  variant: string;
  body: Uint8Array;
}

interface HeldDelivery {
  delivery: NewDelivery;
  /** Its number; null until it is inserted. */
  n: number | null;
  event: EventNumber;
  /** Its lease, if a sender has room for it. */
  lease: FirstLease | null;
}

/**
 * What a transaction inserts. It is held back until the transaction needs an answer or ends, and is then sent in one
 * message.
 */
export class HeldWrites {
  readonly objects: (Omit<ObjectRow, "data"> & { data: string })[] = [];
  readonly events: HeldEvent[] = [];
  readonly variants: HeldVariant[] = [];
  readonly deliveries: HeldDelivery[] = [];
  readonly skipped: HeldDelivery[] = [];
  readonly answers: IdempotentAnswer[] = [];

  /** How many rows there are. */
  get count(): number {
    const { objects, events, variants, deliveries, skipped, answers } = this;
    return objects.length + events.length + variants.length + deliveries.length + skipped.length + answers.length;
  }

  get isEmpty(): boolean {
    return this.count === 0;
  }
}

// One statement, prepared once, for one row or a thousand.
const INSERT_OBJECTS = `
  INSERT INTO objects (id, object, account_id, livemode, parent, created, data)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $5::text[], $6::bigint[], $7::json[])`;
// Events, with their variants and deliveries. Numbers follow the given order; a transaction that takes a number delays
// the move to the next partition until it ends. All bodies are one value, which is sent as it is: in an array each
// would be sent in hexadecimal. Variants and deliveries name their event by its number, or by its position among the
// given ones. A missing endpoint fails the statement, because its number must not be null. A lease is the position of
// its node and mark; 0 means no lease. Numbers are taken from their lists one by one, which costs less than another
// column of `unnest`. Texts are not, because PostgreSQL searches for each from the start of its list.
const INSERT_EVENTS = `
  WITH given AS MATERIALIZED (
    SELECT nextval('event_numbers') AS n, one.*, ($3::boolean[])[i] AS livemode, ($5::bigint[])[i] AS created,
      ($8::integer[])[i] AS starts, ($9::integer[])[i] AS bytes
    FROM unnest($1::text[], $2::text[], $4::text[], $6::text[], $7::text[])
      WITH ORDINALITY AS one (id, account_id, type, object_id, application_id, i)
  ), drawn AS MATERIALIZED (
    SELECT array_agg(n) AS events FROM given
  ), ids AS (
    INSERT INTO event_ids (id, account_id, n) SELECT id, account_id, n FROM given
  ), kept AS (
    INSERT INTO events (n, id, account_id, livemode, type, created, object_id, application_id, body)
    SELECT n, id, account_id, livemode, type, created, object_id, application_id, substring($10::bytea FROM starts FOR bytes) FROM given
  ), variants AS (
    INSERT INTO event_variants (event, variant, account_id, body)
    SELECT coalesce(event, (SELECT events FROM drawn)[place]), variant, account_id, substring($17::bytea FROM starts FOR bytes)
    FROM unnest($11::bigint[], $12::integer[], $13::text[], $14::text[], $15::integer[], $16::integer[])
      AS one (event, place, variant, account_id, starts, bytes)
  ), owed AS MATERIALIZED (
    SELECT nextval('delivery_numbers') AS n, one.*, ($19::smallint[])[i] AS kind, ($24::bigint[])[i] AS created,
      ($25::smallint[])[i] AS state, ($26::integer[])[i] AS lease, ($27::bigint[])[i] AS due_at,
      ($28::bigint[])[i] AS next_attempt_at
    FROM unnest($18::text[], $20::bigint[], $21::integer[], $22::text[], $23::text[], $29::bigint[])
      WITH ORDINALITY AS one (id, event, place, endpoint, variant, settled_at, i)
  ), known AS MATERIALIZED (
    SELECT o.*, p.n AS p, p.account_id, p.livemode FROM owed o LEFT JOIN endpoints p ON p.id = o.endpoint
  ), deliveries AS (
    INSERT INTO deliveries (
      n, id, kind, event, endpoint, account_id, livemode, variant, created, state, gave_up, next_attempt_at, settled_at
    )
    SELECT n, id, kind, coalesce(event, (SELECT events FROM drawn)[place]), p, account_id, livemode, variant, created, state,
      CASE WHEN state >= 2 THEN state END, next_attempt_at, settled_at
    FROM known
  ), pending AS (
    INSERT INTO pending (n, endpoint, due_at, next_attempt_at, attempts, lease, lease_node, handed)
    SELECT n, p, due_at, next_attempt_at, 0, least(lease, 1), ($30::text[])[lease], ($31::bigint[])[lease] FROM known WHERE state = 0
  )
  SELECT events, ARRAY(SELECT n FROM owed) AS deliveries FROM drawn`;
const KEEP_ANSWERS = `
  INSERT INTO idempotent_answers (scope, key, fingerprint, status, body, request_id, created, about)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::smallint[], $5::text[], $6::text[], $7::bigint[], $8::text[])
    AS given (scope, key, fingerprint, status, body, request_id, created, about)
  WHERE NOT ${isErased(OF_ANSWER)}
  ON CONFLICT (scope, key) DO UPDATE SET
    fingerprint = excluded.fingerprint, status = excluded.status, body = excluded.body, request_id = excluded.request_id,
    created = excluded.created, about = excluded.about`;

const NOT_NULL_VIOLATION = "23502";

/**
 * Sends the held writes of transactions that share a commit. The session's `answered` waits for them; then their events
 * and deliveries have their numbers.
 */
export function sendWrites(session: ClientSession, box: SecretBox, node: string, all: readonly HeldWrites[]): Promise<unknown> {
  const objects = all.flatMap((held) => held.objects);
  const answers = all.flatMap((held) => held.answers);
  if (objects.length > 0) sendObjects(session, box, objects);
  const events = sendEvents(session, node, all);
  if (answers.length > 0) sendAnswers(session, box, answers);
  return events;
}

/** The claims of deliveries that were written leased to this node. */
export function claimsOf({ deliveries }: HeldWrites): Claim[] {
  return deliveries.flatMap(({ delivery, n, lease }) =>
    lease === null || lease.to !== null || n === null ? [] : [firstClaim(delivery, leaseToken(n, 1), lease.leaseUntil)],
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

/** Sends events, with their variants and deliveries. Resolves once they have their numbers. */
function sendEvents(session: ClientSession, node: string, all: readonly HeldWrites[]): Promise<unknown> {
  const events = all.flatMap((held) => held.events);
  const variants = all.flatMap((held) => held.variants);
  const owed = all.flatMap((held) => [...held.deliveries, ...held.skipped]);
  if (events.length + variants.length + owed.length === 0) return Promise.resolve();
  const rows = events.map(({ row }) => row);
  const bodies = oneValue(rows.map(({ body }) => body));
  const variantBodies = oneValue(variants.map(({ body }) => body));
  for (const [index, event] of events.entries()) event.place = index + 1;
  const places = placesOfLeases(owed);
  const values = [
    rows.map(({ id }) => id),
    rows.map(({ accountId }) => accountId),
    rows.map(({ livemode }) => livemode),
    rows.map(({ type }) => type),
    rows.map(({ created }) => created),
    rows.map(({ objectId }) => objectId),
    rows.map(({ applicationId }) => applicationId),
    bodies.starts,
    bodies.bytes,
    bodies.joined,
    variants.map(({ event }) => numberOf(event)),
    variants.map(({ event }) => placeOfEvent(event)),
    variants.map(({ variant }) => variant),
    variants.map(({ accountId }) => accountId),
    variantBodies.starts,
    variantBodies.bytes,
    variantBodies.joined,
    owed.map(({ delivery }) => delivery.id),
    owed.map(({ delivery }) => kindNumber(delivery.kind)),
    owed.map(({ event }) => numberOf(event)),
    owed.map(({ event }) => placeOfEvent(event)),
    owed.map(({ delivery }) => delivery.endpoint.id),
    owed.map(({ delivery }) => delivery.variant),
    owed.map(({ delivery }) => delivery.created),
    owed.map(({ delivery }) => stateNumber(delivery.skipped === true ? "cancelled" : "pending")),
    owed.map(({ lease }) => (lease === null ? 0 : placeOfLease(lease, places))),
    owed.map(({ delivery, lease }) => (delivery.skipped === true ? NEVER : (lease?.leaseUntil ?? delivery.dueAt))),
    owed.map(({ delivery }) => (delivery.skipped === true ? NEVER : delivery.dueAt)),
    owed.map(({ delivery }) => (delivery.skipped === true ? delivery.created : null)),
    [node, ...[...places.values()].map(({ to: [other] }) => other)],
    [null, ...[...places.values()].map(({ to: [, mark] }) => mark)],
  ];
  return session.sendForRows(INSERT_EVENTS, values, meaningOfDelivery).then(([drawn]) => {
    const numbers = drawn as { events: string[] | null; deliveries: string[] };
    for (const [index, event] of events.entries()) event.n = Number(numbers.events?.[index]);
    for (const [index, delivery] of owed.entries()) delivery.n = Number(numbers.deliveries[index]);
  });
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
    answers.map(({ about }) => about),
  ]);
}

/** The number of an event, if it is known; otherwise its position among the events that are sent with it. */
const numberOf = (event: EventNumber): number | null => ("n" in event ? event.n : event.held.n);
const placeOfEvent = (event: EventNumber): number | null => ("n" in event ? null : event.held.place);

/** The other nodes that deliveries are leased to, with their marks: the position of each, after this node's own. */
function placesOfLeases(owed: readonly HeldDelivery[]): ReadonlyMap<string, { to: HandedOver; place: number }> {
  const places = new Map<string, { to: HandedOver; place: number }>();
  for (const { lease } of owed) {
    const to = lease?.to ?? null;
    if (to !== null && !places.has(to.join())) places.set(to.join(), { to, place: places.size + 2 });
  }
  return places;
}

const placeOfLease = ({ to }: FirstLease, places: ReturnType<typeof placesOfLeases>): number =>
  to === null ? 1 : (places.get(to.join())?.place ?? 0);

/** Bodies as one value, and the position of each in it. */
function oneValue(bodies: readonly Uint8Array[]): { starts: number[]; bytes: number[]; joined: Buffer } {
  const starts: number[] = [];
  let end = 1;
  for (const body of bodies) {
    starts.push(end);
    end += body.length;
  }
  return { starts, bytes: bodies.map(({ length }) => length), joined: Buffer.concat(bodies) };
}

/** A delivery without an endpoint, which is a bug. */
function meaningOfDelivery(error: unknown): unknown {
  const { code, column } = error as { code?: string; column?: string };
  return code === NOT_NULL_VIOLATION && column === "endpoint"
    ? new Error("There is no endpoint to owe anything.", { cause: error })
    : error;
}
