import { frozen } from "../frozen.ts";

/** The identity tables: nearly every request reads them, few change them. */
export const IDENTITY_TABLES = ["accounts", "applications", "keys", "connections", "endpoints", "platform_settings"];

/** Values kept at most; then all are forgotten. Some megabytes. */
const KEPT = 4_096;

/**
 * What was found in some tables, by what was asked and for whom. Only this process uses the database, so it is valid
 * until the process changes one of the tables, or rolls changes back. Then everything is forgotten. What was found is
 * shared by all that ask, and therefore frozen.
 */
export class KnownRows {
  /** The statements that change one of the tables. */
  readonly #changes: RegExp;
  readonly #found = new Map<string, Map<string, unknown>>();
  #kept = 0;

  constructor(tables: readonly string[]) {
    this.#changes = new RegExp(`^\\s*(?:INSERT(?: OR \\w+)? INTO|UPDATE|DELETE FROM) (?:${tables.join("|")})\\b`);
  }

  /** What `find` returned for the same question and key, or returns now. It reads those tables alone. */
  read<Value>(question: string, key: string, find: () => Value): Value {
    const known = this.#found.get(question)?.get(key);
    if (known !== undefined) return known as Value;
    const value = frozen(find());
    // A failed statement, or a change by what `find` does, forgets all: the map is looked up afterwards.
    if (++this.#kept > KEPT) this.forget();
    let byKey = this.#found.get(question);
    if (byKey === undefined) {
      byKey = new Map();
      this.#found.set(question, byKey);
    }
    byKey.set(key, value);
    return value;
  }

  /** Whether a statement changes one of the tables: `forget` then, before it runs. */
  changedBy(sql: string): boolean {
    return this.#changes.test(sql) || sql.startsWith("ROLLBACK");
  }

  /** What was found may be wrong. */
  forget(): void {
    if (this.#kept === 0) return;
    this.#found.clear();
    this.#kept = 0;
  }
}
