import type { SqlRow, SqlValue } from "../database/session.ts";
import type { KnowingSession } from "./knowing-session.ts";
import type { KnownSource } from "./known-configuration.ts";
import type { LateTransactions } from "./late-transactions.ts";
import { BEGIN, type Transactions } from "./transactions.ts";

/**
 * A session for long reads: each statement is a separate transaction, and the session holds no connection between two
 * of them. So it sees what is committed meanwhile.
 */
export class StatementSession implements KnowingSession {
  readonly #transactions: Transactions;
  readonly #late: LateTransactions;
  readonly #client: string;

  /** `client` is the client that it runs for. */
  constructor(transactions: Transactions, late: LateTransactions, client: string) {
    this.#transactions = transactions;
    this.#late = late;
    this.#client = client;
  }

  all(sql: string, ...values: SqlValue[]): Promise<SqlRow[]> {
    return this.#transactions.askFor(this.#client, BEGIN.looking, sql, ...values);
  }

  async get(sql: string, ...values: SqlValue[]): Promise<SqlRow | undefined> {
    return (await this.all(sql, ...values))[0];
  }

  async run(): Promise<number> {
    throw new Error("A read changes nothing.");
  }

  known<Row>(source: KnownSource, key: string, make: (row: SqlRow) => Row): Promise<readonly Row[]> {
    return this.#late.read((session) => session.known(source, key, make), this.#client);
  }

  presumeUnused(): boolean {
    return false;
  }
}
