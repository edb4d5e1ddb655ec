/** The identity tables: nearly every request reads them, few change them. */
const CHANGES = /^\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM) (?:accounts|applications|keys|connections|endpoints)\b/;

/** Answers kept at most; then all are forgotten. Some megabytes. */
const KEPT = 4_096;

/**
 * What was read from those tables, by statement and values. Only this process uses the database, so what was read is
 * valid until the process changes one of them, or rolls changes back. Then everything is forgotten.
 */
export class KnownRows<Row> {
  readonly #answers = new Map<string, readonly Row[]>();
  /** The effect of each statement text on the known rows. */
  readonly #changing = new Map<string, boolean>();

  read(sql: string, values: readonly unknown[], ask: () => readonly Row[]): readonly Row[] {
    let key = sql;
    for (const value of values) key += `\0${String(value)}`;
    let rows = this.#answers.get(key);
    if (rows === undefined) {
      rows = ask();
      if (this.#answers.size >= KEPT) this.#answers.clear();
      this.#answers.set(key, rows);
    }
    return rows;
  }

  /** A statement that changes something is about to run. */
  changedBy(sql: string): void {
    let changing = this.#changing.get(sql);
    if (changing === undefined) {
      changing = CHANGES.test(sql) || sql.startsWith("ROLLBACK");
      this.#changing.set(sql, changing);
    }
    if (changing) this.forget();
  }

  /** What was read may be wrong. */
  forget(): void {
    this.#answers.clear();
  }
}
