import type { SQLInputValue, SQLOutputValue } from "node:sqlite";
import { frozen } from "../../frozen.ts";

/** A question about some tables. */
export interface Question {
  /** The tables that an answer is read from. */
  reads: readonly string[];
  /** Whether an answer's key is the id of the one row that it is read from, which is the first column. */
  byId?: true;
}

/** Questions about the identity tables: nearly every request asks these, and few requests change the tables. */
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

/** Questions about lanes. */
export const LANE_QUESTIONS = { lane: { reads: ["lanes"] } } as const satisfies Record<string, Question>;

/** What a statement changes. */
interface Change {
  /** Null for any table: the statement undoes changes. */
  table: string | null;
  /** Which of its values is the id of the one row that it changes; null if it may change others. */
  id: 0 | -1 | null;
}

const CHANGE = /^\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM) (\w+)\b/;
const INSERTS_ONE = /^INSERT INTO \w+ VALUES \(\?[^()]*\)$/;
const CHANGES_ONE = /^(?:UPDATE|DELETE)\b[^()]* WHERE id = \?$/;

/**
 * About how many bytes each of two generations may take. Answers that were not used since the last change of
 * generations are forgotten. An account with many capabilities takes 230 kB; most others, and everything else, a few.
 */
const KEPT = 15_000_000;

/**
 * Bytes that an answer takes in addition to its texts, and that each character of these takes, including what is parsed
 * of it.
 */
const BESIDES = 500;
const FOR_A_CHAR = 3;

interface Answer {
  value: unknown;
  bytes: number;
}

/** Answers by question and key. */
type Generation<Asked> = Map<Asked, Map<string, Answer>>;

/**
 * What was found in some tables, by question and key. Only this process uses the database, so an answer is valid until
 * the process changes the rows that it was read from, or rolls changes back. Answers are shared by all callers, and
 * therefore frozen.
 */
export class KnownRows<Asked extends string> {
  readonly #questions: readonly [Asked, Question][];
  #newer: Generation<Asked> = new Map();
  #older: Generation<Asked> = new Map();
  /** The bytes of the newer generation, including answers forgotten since it began. */
  #bytes = 0;
  /** How many questions are being answered, one inside the other, and how many characters were read for them so far. */
  #finding = 0;
  #charsRead = 0;

  constructor(questions: Readonly<Record<Asked, Question>>) {
    this.#questions = Object.entries(questions) as [Asked, Question][];
  }

  /** Whether a question is being answered: then `noteRead` is called for each row that is read. */
  get isFinding(): boolean {
    return this.#finding > 0;
  }

  /** A row was read for an answer. */
  noteRead(row: Readonly<Record<string, SQLOutputValue>>): void {
    for (const name in row) {
      const value = row[name];
      if (typeof value === "string") this.#charsRead += value.length;
    }
  }

  /** What `find` returned for the same question and key, or returns now. It reads only the question's tables. */
  read<Value>(question: Asked, key: string, find: () => Value): Value {
    const known = this.#newer.get(question)?.get(key);
    if (known !== undefined) return known.value as Value;
    const older = this.#older.get(question)?.get(key);
    if (older !== undefined) {
      this.#keep(question, key, older);
      return older.value as Value;
    }
    const before = this.#charsRead;
    this.#finding++;
    let value: Value;
    try {
      value = frozen(find());
    } finally {
      this.#finding--;
    }
    // A failed statement, or a change that `find` makes, may clear what is known, so the maps are looked up afterwards.
    this.#keep(question, key, { value, bytes: BESIDES + FOR_A_CHAR * (this.#charsRead - before) });
    return value;
  }

  /** What a statement changes in the tables; null for nothing. Then call `forgetChanged` before it runs. */
  changeBy(sql: string): Change | null {
    if (sql.startsWith("ROLLBACK")) return { table: null, id: null };
    const table = CHANGE.exec(sql)?.[1];
    if (table === undefined || !this.#questions.some(([, { reads }]) => reads.includes(table))) return null;
    return { table, id: INSERTS_ONE.test(sql) ? 0 : CHANGES_ONE.test(sql) ? -1 : null };
  }

  /** Forgets what a statement with these values changes. */
  forgetChanged({ table, id }: Change, values: readonly SQLInputValue[]): void {
    if (table === null) {
      this.forget();
      return;
    }
    for (const [question, { reads, byId }] of this.#questions) {
      if (!reads.includes(table)) continue;
      for (const generation of [this.#newer, this.#older]) {
        if (byId === true && id !== null) generation.get(question)?.delete(String(values.at(id)));
        else generation.get(question)?.clear();
      }
    }
  }

  /** Forgets everything, because it may be wrong. */
  forget(): void {
    this.#newer.clear();
    this.#older.clear();
    this.#bytes = 0;
  }

  #keep(question: Asked, key: string, answer: Answer): void {
    if (this.#bytes + answer.bytes > KEPT) {
      this.#older = this.#newer;
      this.#newer = new Map();
      this.#bytes = 0;
    }
    this.#bytes += answer.bytes;
    const byKey = this.#newer.get(question);
    if (byKey === undefined) this.#newer.set(question, new Map([[key, answer]]));
    else byKey.set(key, answer);
  }
}
