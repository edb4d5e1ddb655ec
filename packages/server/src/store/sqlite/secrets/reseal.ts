import type { Resealed, WalkPosition } from "../../contract/stored-secrets.ts";
import { beginningUnder, onlyThose, SEALED_TABLES, sealedAnew } from "../../sealed-fields.ts";
import type { SecretBox } from "../../secret-box.ts";
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

/** How many values are sealed under each key, by the key's id. */
export function countSealed(scope: Pick<WorkScope, "all">): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { table, column, only } of SEALED_TABLES.flatMap((sealed) =>
    sealed.fields.map((field) => ({ ...field, only: onlyThose(sealed) })),
  )) {
    // Between the first point and the second.
    const rest = `substr(${column}, instr(${column}, '.') + 1)`;
    const id = `substr(${rest}, 1, instr(${rest}, '.') - 1)`;
    for (const row of scope.all(`SELECT ${id} AS id, count(*) AS count FROM ${table} WHERE 1 ${only} GROUP BY 1`))
      counts.set(row.id as string, (counts.get(row.id as string) ?? 0) + (row.count as number));
  }
  return counts;
}
