import { StoreUnavailable, UnfitDatabase } from "../../store.ts";
import type { Session } from "../database/session.ts";
import { MIGRATIONS } from "./migrations.ts";

/** How many steps a database's schema has taken, and how many steps a node must know at least to work with it. */
export interface SchemaMark {
  version: number;
  oldest: number;
}

/** The same after all steps. */
export const MARK = "SELECT coalesce(max(version), 0) AS version, coalesce(max(oldest), 0) AS oldest FROM migrations";

/**
 * Throws `UnfitDatabase` when a node that knows this many steps of the schema cannot work with a database. A newer
 * schema alone does not prevent that.
 */
export function checkMark({ version, oldest }: SchemaMark, known: number): void {
  if (oldest <= known) return;
  throw new UnfitDatabase(
    `This database was written by a newer Carabiner (schema ${version}, for versions that know ${oldest}; this one knows ${known}). Start that version instead.`,
  );
}

/**
 * Checks that this node can still work with the database. Throws `UnfitDatabase` if it cannot, including when another,
 * older database took its place, and `StoreUnavailable` while it has no tables or is a standby.
 */
export async function checkSchema(session: Session): Promise<void> {
  const state = await session.get("SELECT to_regclass('migrations') IS NOT NULL AS migrated, pg_is_in_recovery() AS standby");
  // A standby refuses serializable transactions as an unknown feature.
  if (state?.standby === true) throw new StoreUnavailable("Nothing can be stored: the database takes no writes.");
  if (state?.migrated !== true)
    throw new StoreUnavailable("Nothing can be stored: the database has no tables of Carabiner's that its user can see.");
  const mark = (await session.get(MARK)) as unknown as SchemaMark;
  checkMark(mark, MIGRATIONS.length);
  if (mark.version < MIGRATIONS.length)
    throw new UnfitDatabase(
      `This database has schema ${mark.version}, and this server works with ${MIGRATIONS.length}: another took its place. Start the server again, which updates it.`,
    );
}
