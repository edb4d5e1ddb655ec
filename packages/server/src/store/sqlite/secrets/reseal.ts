import type { Resealed, WalkPosition } from "../../contract/stored-secrets.ts";
import { beginningUnder, onlyThose, SEALED_TABLES, sealedAnew } from "../../sealed-fields.ts";
import { keyIdOf, type SecretBox } from "../../secret-box.ts";
import { BOUND_LIMIT } from "../database/bound-limit.ts";
import type { WorkScope } from "../database/scope.ts";

/** Continues a walk through all values that are sealed, or should be: see `StoredSecrets.reseal`. */
export function reseal(scope: Pick<WorkScope, "all" | "run">, box: SecretBox, limit: number, from: WalkPosition | null): Resealed {
  const [at, ...after] = from === null ? [0] : (JSON.parse(from) as [number, ...string[]]);
  const sealed = SEALED_TABLES[at];
  if (sealed === undefined) return { resealed: 0, next: null };
  const { table, key, fields } = sealed;
  const keys = key.join(", ");
  const others = fields.map((field) => `substr(${field.column}, 1, ${beginningUnder(field, box.current).length}) <> ?`);
  const rows = scope.all(
    `SELECT ${keys}, ${fields.map(({ column }) => column).join(", ")} FROM ${table}
      WHERE (${keys}) > (${key.map(() => "?").join(", ")}) AND (${others.join(" OR ")}) ${onlyThose(sealed)}
      ORDER BY ${keys} ${BOUND_LIMIT}`,
    ...(after.length === 0 ? key.map(() => "") : after),
    ...fields.map((field) => beginningUnder(field, box.current)),
    limit,
  );
  let resealed = 0;
  for (const row of rows) {
    const names = key.map((name) => row[name] as string);
    for (const field of fields) {
      const anew = sealedAnew(field, box, names, row[field.column] as string);
      if (anew === null) continue;
      scope.run(`UPDATE ${table} SET ${field.column} = ? WHERE (${keys}) = (${key.map(() => "?").join(", ")})`, anew, ...names);
      resealed++;
    }
  }
  const last = rows.length < limit ? undefined : rows.at(-1);
  if (last !== undefined) return { resealed, next: JSON.stringify([at, ...key.map((name) => last[name])]) };
  return { resealed, next: at + 1 < SEALED_TABLES.length ? JSON.stringify([at + 1]) : null };
}

/** How many characters of a column identify the key of its value. */
const PREFIX_CHARS = 40;

/** The result of a step of a count: values by the id of their key. */
export interface CountStep {
  counts: ReadonlyMap<string, number>;
  /** Where the walk continues; null at its end. */
  next: WalkPosition | null;
}

/** A step of a count of all sealed values, which examines up to `limit` rows. `from` is null at first. */
export function countSealed(scope: Pick<WorkScope, "all">, limit: number, from: WalkPosition | null): CountStep {
  const [at, ...after] = from === null ? [0] : (JSON.parse(from) as [number, ...string[]]);
  const counts = new Map<string, number>();
  const sealed = SEALED_TABLES[at];
  if (sealed === undefined) return { counts, next: null };
  const { table, key, fields } = sealed;
  const keys = key.join(", ");
  const prefixes = fields.map(
    ({ column }) => `CASE WHEN 1 ${onlyThose(sealed)} THEN substr(${column}, 1, ${PREFIX_CHARS}) END AS ${column}`,
  );
  const rows = scope.all(
    `SELECT ${keys}, ${prefixes.join(", ")} FROM ${table} WHERE (${keys}) > (${key.map(() => "?").join(", ")}) ORDER BY ${keys} ${BOUND_LIMIT}`,
    ...(after.length === 0 ? key.map(() => "") : after),
    limit,
  );
  for (const row of rows)
    for (const { column } of fields) {
      const id = keyIdOf((row[column] as string | null)?.replace(/^"/, ""));
      if (id !== null) counts.set(id, (counts.get(id) ?? 0) + 1);
    }
  const last = rows.length < limit ? undefined : rows.at(-1);
  if (last !== undefined) return { counts, next: JSON.stringify([at, ...key.map((name) => last[name])]) };
  return { counts, next: at + 1 < SEALED_TABLES.length ? JSON.stringify([at + 1]) : null };
}
