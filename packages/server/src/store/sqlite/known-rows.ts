/** The tables that say who is who: read by nearly every request, changed by few. */
const CHANGES = /^\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM) (?:accounts|applications|keys|connections|endpoints)\b/;

/** Answers kept at most; then all are forgotten. Some megabytes. */
const KEPT = 4_096;

/**
 * What was read from those tables, by statement and values. This process alone has the database, so what was read is
 * true until it changes one of them itself, or takes changes back; then everything is forgotten.
 */
export class KnownRows<Row> {
  readonly #answers = new Map<string, readonly Row[]>();
  /** What each statement text means for what is known. */
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

  /** What was read may not be so. */
  forget(): void {
    this.#answers.clear();
  }
}
