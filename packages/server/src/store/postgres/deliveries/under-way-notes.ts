import type pg from "pg";
import { StoreUnavailable } from "../../store.ts";
import { clientThatGivesUp } from "../database/database-client.ts";
import { isAgain, postgresFailure } from "../database/postgres-failure.ts";
import { leaseOf } from "../rows/lease-token.ts";

/** When there are this many finished rows, they are deleted separately if no note comes along to do it. */
const OVER_ROWS = 64;

const NOTE = `
  WITH over AS (DELETE FROM under_way WHERE node = $1 AND note = ANY($2::bigint[]))
  INSERT INTO under_way (node, note, deliveries, leases) VALUES ($1, $3, $4, $5)`;
const FORGET = "DELETE FROM under_way WHERE node = $1 AND note = ANY($2::bigint[])";
const REDUCE = "UPDATE under_way SET deliveries = $3, leases = $4 WHERE node = $1 AND note = $2";

export interface UnderWayNotesOptions {
  url: string;
  node: string;
  /** How long to wait for a connection, and for an answer on it, milliseconds. */
  connectMs: number;
  answerMs: number;
  /** How long closing the connection may take, milliseconds. */
  endMs: number;
}

/** The most attempts that one row records. */
interface Note {
  number: number;
  tokens: (number | string)[];
}

/**
 * What a node has under way, in a table with a row for all attempts that begin while the previous row is written. A row
 * is deleted once everything in it is settled. Until then its settled tokens are harmless, as they no longer match. The
 * first note opens a separate connection, so that its one statement waits for nothing else.
 */
export class UnderWayNotes {
  readonly #options: UnderWayNotesOptions;
  #client: pg.Client | null = null;
  #last = 0;
  /** The row of each token, and how many of its tokens are not settled. */
  readonly #rows = new Map<number | string, number>();
  readonly #left = new Map<number, number>();
  /** Recorded with the leases of deliveries that may begin at once, but have neither begun nor been given up yet. */
  readonly #foreseen = new Set<number | string>();
  /** Finished rows, waiting to be deleted. */
  #over: number[] = [];
  /** Rows to be written again with only these tokens: the others have not begun. */
  #reduced: Note[] = [];
  /** What waits for the current write. */
  #next: { note: Note; written: PromiseWithResolvers<void> } | null = null;
  #writing: Promise<void> | null = null;
  #closed = false;
  /** A bug that no caller was waiting to hear about: the next caller that begins attempts gets it. */
  #bug: { found: unknown } | null = null;

  constructor(options: UnderWayNotesOptions) {
    this.#options = options;
  }

  /** The number of a row that another statement writes. */
  next(): number {
    return ++this.#last;
  }

  /** A row was written, or may have been, and these tokens count as recorded. */
  written(row: number, tokens: readonly (number | string)[]): void {
    if (tokens.length === 0) {
      this.#finish([row]);
      return;
    }
    this.#keep(row, tokens);
    for (const token of tokens) this.#foreseen.add(token);
  }

  /** The tokens that have not begun count as not recorded. `tokens`: all tokens of a row. */
  giveUpUnbegun(tokens: readonly (number | string)[]): void {
    const unbegun = tokens.filter((token) => this.#foreseen.delete(token));
    const [first] = unbegun;
    const row = first === undefined ? undefined : this.#rows.get(first);
    this.settled(unbegun);
    if (row === undefined || !this.#left.has(row)) return;
    this.#reduced.push({ number: row, tokens: tokens.filter((token) => this.#rows.get(token) === row) });
    this.#writing ??= this.#writeAll();
  }

  /** Null when these are recorded; resolves when they are, or rejects with `StoreUnavailable` if they are not. */
  begin(begun: readonly (number | string)[]): Promise<void> | null {
    const tokens = this.#foreseen.size === 0 ? begun : begun.filter((token) => !this.#foreseen.delete(token));
    if (tokens.length === 0) return null;
    if (this.#closed) return Promise.reject(new StoreUnavailable("The store is closed."));
    if (this.#bug !== null) return Promise.reject(this.#bug.found);
    this.#next ??= { note: { number: ++this.#last, tokens: [] }, written: Promise.withResolvers() };
    const { note, written } = this.#next;
    note.tokens.push(...tokens);
    this.#writing ??= this.#writeAll();
    return written.promise;
  }

  settled(tokens: readonly (number | string)[]): void {
    const over: number[] = [];
    for (const token of tokens) {
      const row = this.#rows.get(token);
      if (row === undefined) continue;
      this.#rows.delete(token);
      const left = (this.#left.get(row) as number) - 1;
      if (left > 0) {
        this.#left.set(row, left);
        continue;
      }
      this.#left.delete(row);
      over.push(row);
    }
    this.#finish(over);
  }

  /** Nothing in these rows is under way any more. */
  #finish(rows: readonly number[]): void {
    this.#over.push(...rows);
    if (this.#over.length >= OVER_ROWS || (this.#over.length > 0 && this.#left.size === 0)) this.#writing ??= this.#writeAll();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#writing;
    const client = this.#client;
    this.#client = null;
    await client?.end();
    if (this.#bug !== null) throw this.#bug.found;
  }

  /** Writes until nothing is left to write. */
  async #writeAll(): Promise<void> {
    // Attempts that begin in the same turn of the event loop share the first row.
    await Promise.resolve();
    while (this.#next !== null || this.#over.length + this.#reduced.length > 0) {
      const next = this.#next;
      const over = this.#over;
      const reduced = this.#reduced;
      this.#next = null;
      this.#over = [];
      this.#reduced = [];
      try {
        if (next !== null || over.length > 0) await this.#write(next?.note ?? null, over);
      } catch (error) {
        // They are deleted with the next row, or with all rows of the node.
        this.#over = over.concat(this.#over);
        this.#drop();
        const failure = failureOf(error);
        if (next === null) {
          this.#noteBug(failure);
          // Attempts that began meanwhile still wait for their own row.
          if (this.#next === null) break;
          continue;
        }
        next.written.reject(failure);
        continue;
      }
      if (next !== null) {
        this.#keep(next.note.number, next.note.tokens);
        next.written.resolve();
      }
      for (const row of reduced) if (this.#left.has(row.number)) await this.#reduce(row);
    }
    this.#writing = null;
  }

  #keep(row: number, tokens: readonly (number | string)[]): void {
    for (const token of tokens) this.#rows.set(token, row);
    this.#left.set(row, tokens.length);
  }

  async #write(note: Note | null, over: readonly number[]): Promise<void> {
    const { node } = this.#options;
    const client = this.#client ?? (await this.#open());
    if (note === null) {
      await client.query({ name: "forget", text: FORGET, values: [node, over] });
      return;
    }
    await client.query({ name: "note", text: NOTE, values: [node, over, note.number, ...columnsOf(note)] });
  }

  async #reduce(row: Note): Promise<void> {
    try {
      const client = this.#client ?? (await this.#open());
      await client.query({ name: "reduce", text: REDUCE, values: [this.#options.node, row.number, ...columnsOf(row)] });
    } catch (error) {
      // The row names too many tokens until all of them are settled.
      this.#drop();
      this.#noteBug(failureOf(error));
    }
  }

  #noteBug(failure: unknown): void {
    if (!(failure instanceof StoreUnavailable)) this.#bug ??= { found: failure };
  }

  async #open(): Promise<pg.Client> {
    const { url, connectMs, answerMs, endMs } = this.#options;
    const client = new (clientThatGivesUp({ answerMs, endMs }))({
      connectionString: url,
      connectionTimeoutMillis: connectMs,
      keepAlive: true,
      application_name: "carabiner under way",
    });
    // The running statement fails; the next one opens another.
    client.on("error", () => {
      if (this.#client === client) this.#client = null;
    });
    try {
      await client.connect();
    } catch (error) {
      client.connection.stream.destroy();
      throw error;
    }
    this.#client = client;
    return client;
  }

  #drop(): void {
    this.#client?.connection.stream.destroy();
    this.#client = null;
  }
}

/** Another node that finds this one gone deletes its rows, in a different order: a deadlock with it is not a bug. */
function failureOf(error: unknown): unknown {
  return isAgain(error) ? new StoreUnavailable("Another node deletes the same rows.", { cause: error }) : postgresFailure(error);
}

/** The deliveries of a row, and their leases. */
function columnsOf({ tokens }: Note): [number[], number[]] {
  const leases = tokens.map((token) => leaseOf(token) ?? { delivery: 0, lease: 0 });
  return [leases.map(({ delivery }) => delivery), leases.map(({ lease }) => lease)];
}
