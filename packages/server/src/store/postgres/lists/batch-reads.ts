import type { NewestChildren, NewestObjects } from "../../contract/batch-reads.ts";
import type { AccountRow, ConnectionRow, DeliveryRow, EventRow, EventVariant, ObjectRow } from "../../contract/rows.ts";
import type { SecretBox } from "../../secret-box.ts";
import type { Session } from "../database/session.ts";
import { accountRow, connectionRow, deliveryRow, eventRow, eventVariant, objectRow } from "../rows/rows.ts";
import { DELIVERY_COLUMNS, OF_DELIVERY } from "./deliveries-page.ts";

// Each is one statement. LATERAL makes the plans use the indexes: plans are made for all values.
const NEWEST_OBJECTS = `
  SELECT o.*, asked.position FROM unnest($1::text[], $2::boolean[], $3::text[], $4::integer[])
    WITH ORDINALITY AS asked (account_id, livemode, object, most, position)
    CROSS JOIN LATERAL (
      SELECT * FROM objects WHERE account_id = asked.account_id AND livemode = asked.livemode AND object = asked.object
      ORDER BY id DESC LIMIT asked.most
    ) o ORDER BY asked.position, o.id DESC`;

const NEWEST_CHILDREN = `
  SELECT o.*, asked.position FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked (account_id, parent, position)
    CROSS JOIN LATERAL (
      SELECT * FROM objects WHERE account_id = asked.account_id AND livemode = $3 AND object = $4 AND parent = asked.parent
        AND ($5::text IS NULL OR (data -> $5)::text = 'true')
      ORDER BY id DESC LIMIT $6
    ) o ORDER BY asked.position, o.id DESC`;

const OBJECTS_BY_ID = `
  SELECT o.* FROM unnest($1::text[]) AS asked (id) CROSS JOIN LATERAL (SELECT * FROM objects WHERE id = asked.id OFFSET 0) o`;

const ACCOUNTS_BY_ID = `
  SELECT a.* FROM unnest($1::text[]) AS asked (id) CROSS JOIN LATERAL (SELECT * FROM accounts WHERE id = asked.id OFFSET 0) a`;

const EVENTS_BY_ID = `
  SELECT e.* FROM unnest($1::text[]) AS asked (id)
    CROSS JOIN LATERAL (SELECT n FROM event_ids WHERE id = asked.id OFFSET 0) i
    CROSS JOIN LATERAL (SELECT * FROM events WHERE n = i.n OFFSET 0) e`;

const DELIVERIES_BY_ID = `
  SELECT ${DELIVERY_COLUMNS} FROM unnest($1::text[]) AS asked (id)
    CROSS JOIN LATERAL (SELECT * FROM deliveries WHERE id = asked.id OFFSET 0) d ${OF_DELIVERY}`;

const EVENT_VARIANTS = `
  SELECT asked.id AS event_id, v.variant, v.body FROM unnest($1::text[], $2::text[]) AS asked (id, variant)
    CROSS JOIN LATERAL (SELECT n FROM event_ids WHERE id = asked.id OFFSET 0) i
    CROSS JOIN LATERAL (SELECT variant, body FROM event_variants WHERE event = i.n AND variant = asked.variant OFFSET 0) v`;

const CONNECTIONS_TO = `
  SELECT c.* FROM unnest($2::text[]) AS asked (id)
    CROSS JOIN LATERAL (SELECT * FROM connections WHERE account_id = asked.id AND platform_id = $1 OFFSET 0) c
  ORDER BY c.livemode`;

/** See `BatchReads`. The same applies to the functions below. */
export async function newestObjects(session: Session, box: SecretBox, asked: readonly NewestObjects[]): Promise<ObjectRow[][]> {
  const found: ObjectRow[][] = asked.map(() => []);
  if (asked.length === 0) return found;
  const rows = await session.all(
    NEWEST_OBJECTS,
    asked.map(({ accountId }) => accountId),
    asked.map(({ livemode }) => livemode),
    asked.map(({ object }) => object),
    asked.map(({ limit }) => limit),
  );
  for (const row of rows) found[(row.position as number) - 1]?.push(objectRow(row, box));
  return found;
}

export async function newestChildren(
  session: Session,
  box: SecretBox,
  { livemode, object, parents, flag, limit }: NewestChildren,
): Promise<ObjectRow[][]> {
  const found: ObjectRow[][] = parents.map(() => []);
  if (parents.length === 0) return found;
  const accounts = parents.map(({ accountId }) => accountId);
  const ids = parents.map(({ id }) => id);
  const rows = await session.all(NEWEST_CHILDREN, accounts, ids, livemode, object, flag ?? null, limit);
  for (const row of rows) found[(row.position as number) - 1]?.push(objectRow(row, box));
  return found;
}

export async function accountsById(session: Session, ids: readonly string[]): Promise<ReadonlyMap<string, AccountRow>> {
  if (ids.length === 0) return new Map();
  return new Map((await session.all(ACCOUNTS_BY_ID, [...new Set(ids)])).map((row) => [row.id as string, accountRow(row)]));
}

export async function objectsById(session: Session, box: SecretBox, ids: readonly string[]): Promise<ReadonlyMap<string, ObjectRow>> {
  if (ids.length === 0) return new Map();
  return new Map((await session.all(OBJECTS_BY_ID, ids)).map((row) => [row.id as string, objectRow(row, box)]));
}

export async function eventsById(session: Session, ids: readonly string[]): Promise<ReadonlyMap<string, EventRow>> {
  if (ids.length === 0) return new Map();
  return new Map((await session.all(EVENTS_BY_ID, [...new Set(ids)])).map((row) => [row.id as string, eventRow(row)]));
}

export async function deliveriesById(session: Session, ids: readonly string[]): Promise<ReadonlyMap<string, DeliveryRow>> {
  if (ids.length === 0) return new Map();
  return new Map((await session.all(DELIVERIES_BY_ID, [...new Set(ids)])).map((row) => [row.id as string, deliveryRow(row)]));
}

export async function eventVariants(session: Session, asked: readonly Omit<EventVariant, "body">[]): Promise<EventVariant[]> {
  if (asked.length === 0) return [];
  const rows = await session.all(
    EVENT_VARIANTS,
    asked.map(({ eventId }) => eventId),
    asked.map(({ variant }) => variant),
  );
  return rows.map((row) => eventVariant(row.event_id as string, row));
}

export async function connectionsTo(
  session: Session,
  platformId: string,
  accountIds: readonly string[],
): Promise<ReadonlyMap<string, ConnectionRow[]>> {
  if (accountIds.length === 0) return new Map();
  const rows = await session.all(CONNECTIONS_TO, platformId, [...new Set(accountIds)]);
  return Map.groupBy(rows.map(connectionRow), ({ accountId }) => accountId);
}
