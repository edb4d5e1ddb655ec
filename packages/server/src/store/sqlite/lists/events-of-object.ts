import type { EventRow } from "../../contract/rows.ts";
import type { Page, PageOf } from "../../contract/transaction.ts";
import type { Pace } from "../../pace.ts";
import { boundsOf, directionOf, pageOf, valuesOf, whereOf } from "../../page-of.ts";
import { BOUND_LIMIT } from "../database/bound-limit.ts";
import type { SqlRow } from "../database/connection.ts";
import type { WorkScope } from "../database/scope.ts";
import { eventRow } from "../rows/rows.ts";
import type { Condition } from "./read-page.ts";

/** How many numbers a stretch has: 2^14, as in the index of `migrations.ts`. */
const STRETCH = 16_384;

/**
 * Finding that a stretch has nothing of an object counts as this many rows, because it may read a page of the index
 * from the disk.
 */
const ROWS_OF_STRETCH = 32;

const OF_OBJECT = "events INDEXED BY events_of_object WHERE n >> 14 = stretch AND substr(object_id, -8) = substr(?, -8)";
/** The first of several stretches, in the order of the walk, that may have events of an object. */
const NEXT_STRETCH = `
  WITH RECURSIVE stretches (stretch) AS (SELECT ? UNION ALL SELECT stretch + ? FROM stretches WHERE stretch <> ?)
  SELECT stretch FROM stretches WHERE EXISTS (SELECT 1 FROM ${OF_OBJECT}) LIMIT 1`;
/** The numbers of a stretch that may be the object's. */
const NUMBERS = `SELECT n FROM (SELECT ? AS stretch) CROSS JOIN ${OF_OBJECT} AND n BETWEEN ? AND ? ORDER BY n`;

/** The list of an object's events. */
export interface ObjectList {
  /** The account that it is for. */
  owner: string;
  objectId: string;
  /** Bounds of their numbers. */
  within: readonly Condition[];
  /** What a cursor's id means: an expression with one `?`. */
  cursor: string;
  /** Further conditions on each, including its object: the index has only the ends of the objects' ids. */
  conditions: readonly Condition[];
}

/**
 * One page of an object's events. For each stretch of 16,384 numbers, their index contains the ends of the objects'
 * ids. So new events change only the few pages of the last stretch, whatever their objects are. In an index by object
 * alone, each event would change a different page of a large index, and each page is written twice. In return, this
 * searches one stretch after another, in slices, from the beginning of the page on until the page is full.
 */
export async function eventsOfObject(
  scope: Pick<WorkScope, "get" | "all">,
  pace: Pace | null,
  list: ObjectList,
  page: Page,
): Promise<PageOf<EventRow>> {
  const walk = new ObjectWalk(scope, list, page);
  while (!walk.ended) await (pace === null ? walk.lookAt(Number.POSITIVE_INFINITY) : pace.slice(list.owner, () => walk.lookAt(pace.rows)));
  return pageOf(walk.found, page, eventRow);
}

/** A walk through the stretches in the direction of a page. */
class ObjectWalk {
  readonly found: SqlRow[] = [];
  ended = false;
  readonly #scope: Pick<WorkScope, "get" | "all">;
  readonly #list: ObjectList;
  readonly #page: Page;
  readonly #direction: "ASC" | "DESC";
  readonly #step: 1 | -1;
  /** The next number to examine and the last one, once they are known. */
  #next: number | null = null;
  #last = 0;

  constructor(scope: Pick<WorkScope, "get" | "all">, list: ObjectList, page: Page) {
    this.#scope = scope;
    this.#list = list;
    this.#page = page;
    this.#direction = directionOf(page);
    this.#step = this.#direction === "ASC" ? 1 : -1;
  }

  /** Continues, and examines about this many rows. */
  lookAt(rows: number): void {
    if (this.#next === null) this.#begin();
    for (let left = rows; this.#next !== null && left > 0 && !this.ended; ) {
      const { stretch, passed } = this.#stretchFrom(this.#next, Math.ceil(left / ROWS_OF_STRETCH));
      const numbers = stretch === null ? [] : this.#numbersOf(stretch, this.#next, Math.min(left, STRETCH));
      left -= passed * ROWS_OF_STRETCH + numbers.length;
      this.#read(numbers);
    }
  }

  /** Finds the first and the last number that the page may have. */
  #begin(): void {
    const { within, cursor } = this.#list;
    const bounds = [...within, ...boundsOf(this.#page, "n", cursor)];
    const values = valuesOf(bounds);
    const end = (order: string) => `(SELECT n FROM events NOT INDEXED WHERE ${whereOf(bounds)} ORDER BY n ${order} LIMIT 1)`;
    const row = this.#scope.get(`SELECT ${end("ASC")} AS oldest, ${end("DESC")} AS newest`, ...values, ...values);
    const [oldest, newest] = [row?.oldest ?? null, row?.newest ?? null] as [number | null, number | null];
    this.ended = oldest === null || newest === null;
    [this.#next, this.#last] = this.#step === 1 ? [oldest, newest ?? 0] : [newest, oldest ?? 0];
  }

  /** The next of several stretches that may have something. If none has, skips all of them. */
  #stretchFrom(number: number, most: number): { stretch: number | null; passed: number } {
    const [from, end, step] = [stretchOf(number), stretchOf(this.#last), this.#step];
    const to = step === 1 ? Math.min(from + most - 1, end) : Math.max(from - most + 1, end);
    const stretch = (this.#scope.get(NEXT_STRETCH, from, step, to, this.#list.objectId)?.stretch ?? null) as number | null;
    if (stretch !== from) this.#goOn(startOf(stretch ?? to + step, step));
    return { stretch, passed: Math.abs((stretch ?? to) - from) + 1 };
  }

  /** The next numbers of a stretch, and moves past them. */
  #numbersOf(stretch: number, next: number, most: number): number[] {
    const { objectId } = this.#list;
    const [low, high] = this.#step === 1 ? [next, this.#last] : [this.#last, next];
    const rows = this.#scope.all(`${NUMBERS} ${this.#direction} ${BOUND_LIMIT}`, stretch, objectId, low, high, most);
    const numbers = rows.map(({ n }) => n as number);
    const last = numbers.at(-1);
    this.#goOn(last === undefined || numbers.length < most ? startOf(stretch + this.#step, this.#step) : last + this.#step);
    return numbers;
  }

  #goOn(next: number): void {
    this.#next = next;
    this.ended = (next - this.#last) * this.#step > 0;
  }

  /** Reads the events with these numbers that fit, until the page is full. */
  #read(numbers: readonly number[]): void {
    if (numbers.length === 0) return;
    const { conditions } = this.#list;
    this.found.push(
      ...this.#scope.all(
        `SELECT * FROM events NOT INDEXED
        WHERE n IN (SELECT value FROM json_each(?)) AND ${whereOf(conditions)} ORDER BY n ${this.#direction} ${BOUND_LIMIT}`,
        JSON.stringify(numbers),
        ...valuesOf(conditions),
        this.#page.limit + 1 - this.found.length,
      ),
    );
    if (this.found.length > this.#page.limit) this.ended = true;
  }
}

const stretchOf = (number: number): number => Math.floor(number / STRETCH);

/** The number at which a walk enters a stretch. */
const startOf = (stretch: number, step: 1 | -1): number => (step === 1 ? stretch : stretch + 1) * STRETCH - (step === 1 ? 0 : 1);
