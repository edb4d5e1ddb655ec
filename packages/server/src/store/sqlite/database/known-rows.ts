import type { SQLInputValue } from "node:sqlite";
import { frozen } from "../../frozen.ts";

/** What is asked of some tables. */
export interface Question {
  /** The tables that an answer is read from. */
  reads: readonly string[];
  /** Whether an answer's key is the id of the one row that it is read from, which is the first column. */
  byId?: true;
}

/** What is asked of the identity tables: nearly every request asks, few change the tables. */
export const IDENTITY_QUESTIONS = {
  account: { reads: ["accounts"], byId: true },
  "any erased account": { reads: ["erased_accounts"] },
  connections: { reads: ["connections"] },
  endpoints: { reads: ["endpoints"] },
  key: { reads: ["keys"] },
  "live application": { reads: ["applications"] },
  "numbers of endpoint": { reads: ["endpoints"] },
  "platform settings": { reads: ["platform_settings"] },
  subscribers: { reads: ["accounts", "connections", "endpoints"] },
  "test application": { reads: ["applications"] },
  version: { reads: ["accounts"], byId: true },
} as const satisfies Record<string, Question>;

/** What is asked of lanes. */
export const LANE_QUESTIONS = { lane: { reads: ["lanes"] } } as const satisfies Record<string, Question>;

/** What a statement changes. */
interface Change {
  /** Null for any table: it takes back what was done. */
  table: string | null;
  /** Which of its values is the id of the one row that it changes; null if it may change others. */
  id: 0 | -1 | null;
}

const CHANGE = /^\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM) (\w+)\b/;
const INSERTS_ONE = /^INSERT INTO \w+ VALUES \(\?[^()]*\)$/;
const CHANGES_ONE = /^(?:UPDATE|DELETE)\b[^()]* WHERE id = \?$/;

/** Values kept at most; then all are forgotten. Some megabytes. */
const KEPT = 4_096;

/**
 * What was found in some tables, by what was asked and for whom. Only this process uses the database, so it is valid
 * until the process changes what it was read from, or rolls changes back. What was found is shared by all that ask, and
 * therefore frozen.
 */
export class KnownRows<Asked extends string> {
  readonly #questions: readonly [Asked, Question][];
  readonly #found = new Map<Asked, Map<string, unknown>>();
  #kept = 0;

  constructor(questions: Readonly<Record<Asked, Question>>) {
    this.#questions = Object.entries(questions) as [Asked, Question][];
  }

  /** What `find` returned for the same question and key, or returns now. It reads the question's tables alone. */
  read<Value>(question: Asked, key: string, find: () => Value): Value {
    const known = this.#found.get(question)?.get(key);
    if (known !== undefined) return known as Value;
    const value = frozen(find());
    // A failed statement, or a change by what `find` does, may forget it: the map is looked up afterwards.
    if (this.#kept === KEPT) this.forget();
    this.#kept++;
    let byKey = this.#found.get(question);
    if (byKey === undefined) {
      byKey = new Map();
      this.#found.set(question, byKey);
    }
    byKey.set(key, value);
    return value;
  }

  /** What a statement changes of the tables; null for nothing. `forgetChanged` then, before it runs. */
  changeBy(sql: string): Change | null {
    if (sql.startsWith("ROLLBACK")) return { table: null, id: null };
    const table = CHANGE.exec(sql)?.[1];
    if (table === undefined || !this.#questions.some(([, { reads }]) => reads.includes(table))) return null;
    return { table, id: INSERTS_ONE.test(sql) ? 0 : CHANGES_ONE.test(sql) ? -1 : null };
  }

  /** What a statement with these values changes is not known any more. */
  forgetChanged({ table, id }: Change, values: readonly SQLInputValue[]): void {
    if (this.#kept === 0) return;
    if (table === null) {
      this.forget();
      return;
    }
    for (const [question, { reads, byId }] of this.#questions) {
      const byKey = reads.includes(table) ? this.#found.get(question) : undefined;
      if (byKey === undefined) continue;
      const before = byKey.size;
      if (byId === true && id !== null) byKey.delete(String(values.at(id)));
      else byKey.clear();
      this.#kept -= before - byKey.size;
    }
  }

  /** What was found may be wrong. */
  forget(): void {
    if (this.#kept === 0) return;
    this.#found.clear();
    this.#kept = 0;
  }
}
