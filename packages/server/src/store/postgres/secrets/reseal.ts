import type { Resealed, WalkPosition } from "../../contract/stored-secrets.ts";
import { beginningUnder, onlyThose, SEALED_TABLES, sealedAnew } from "../../sealed-fields.ts";
import type { SecretBox } from "../../secret-box.ts";
import type { Session } from "../database/session.ts";

/**
 * A walk through all values that are sealed, or should be: see `StoredSecrets.reseal`. The rows of a batch stay locked
 * until its commit.
 */
export async function reseal(
  session: Pick<Session, "all" | "run">,
  box: SecretBox,
  limit: number,
  from: WalkPosition | null,
): Promise<Resealed> {
  const [at, ...after] = from === null ? [0] : (JSON.parse(from) as [number, ...string[]]);
  const sealed = SEALED_TABLES[at];
  if (sealed === undefined) return { resealed: 0, next: null };
  const { table, key, fields } = sealed;
  const keys = key.join(", ");
  const past = key.length + 2;
  const others = fields.map((field, nth) => `left(${field.column}::text, ${beginningUnder(field, box.current).length}) <> $${past + nth}`);
  const rows = await session.all(
    `SELECT ${keys}, ${fields.map(({ column }) => `${column}::text AS ${column}`).join(", ")} FROM ${table}
      WHERE (${keys}) > (${key.map((_, nth) => `$${nth + 2}`).join(", ")}) AND (${others.join(" OR ")}) ${onlyThose(sealed)}
      ORDER BY ${keys} LIMIT $1 FOR UPDATE`,
    limit,
    ...(after.length === 0 ? key.map(() => "") : after),
    ...fields.map((field) => beginningUnder(field, box.current)),
  );
  let resealed = 0;
  for (const row of rows) {
    const names = key.map((name) => row[name] as string);
    const values = fields.map((field) => sealedAnew(field, box, names, row[field.column] as string));
    // All values of a row at once: the table refuses rows that are partly in clear.
    await session.run(
      `UPDATE ${table} SET ${fields.map(({ column, json }, nth) => `${column} = coalesce($${nth + 1}${json ? "::json" : ""}, ${column})`).join(", ")}
        WHERE ${key.map((name, nth) => `${name} = $${fields.length + nth + 1}`).join(" AND ")}`,
      ...values,
      ...names,
    );
    resealed += values.filter((value) => value !== null).length;
  }
  const last = rows.length < limit ? undefined : rows.at(-1);
  if (last !== undefined) return { resealed, next: JSON.stringify([at, ...key.map((name) => last[name])]) };
  return { resealed, next: at + 1 < SEALED_TABLES.length ? JSON.stringify([at + 1]) : null };
}

/** How many values are sealed under each key, by the key's id. */
export async function countSealed(session: Pick<Session, "all">): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const { table, column, only } of SEALED_TABLES.flatMap((sealed) =>
    sealed.fields.map((field) => ({ ...field, only: onlyThose(sealed) })),
  )) {
    const sql = `SELECT split_part(${column}::text, '.', 2) AS id, count(*) AS count FROM ${table} WHERE true ${only} GROUP BY 1`;
    for (const row of await session.all(sql)) counts.set(row.id as string, (counts.get(row.id as string) ?? 0) + (row.count as number));
  }
  return counts;
}
