import { UnfitDatabase } from "../store.ts";
import { MIGRATIONS } from "./migrations.ts";
import type { Session } from "./session.ts";

/** How far a database's schema has come, and how many steps a node must know at least to work with it. */
export interface SchemaMark {
  version: number;
  oldest: number;
}

/** The same after all steps. */
export const MARK = "SELECT coalesce(max(version), 0) AS version, coalesce(max(oldest), 0) AS oldest FROM migrations";

/**
 * Throws `UnfitDatabase` when a node that knows so many steps of the schema cannot work with a database. A newer schema
 * alone does not prevent that.
 */
export function checkMark({ version, oldest }: SchemaMark, known: number): void {
  if (oldest <= known) return;
  throw new UnfitDatabase(
    `This database was written by a newer Carabiner (schema ${version}, for versions that know ${oldest}; this one knows ${known}). Start that version instead.`,
  );
}

/** Checks that this node can still work with the database. */
export async function checkSchema(session: Session): Promise<void> {
  checkMark((await session.get(MARK)) as unknown as SchemaMark, MIGRATIONS.length);
}
