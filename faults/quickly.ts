import { afterAll, beforeAll, expect, test } from "vitest";
import { type Running, startPostgres } from "../scripts/postgres-for-tests.ts";
import { ROWS } from "./rows/rows.ts";

/** Runs rows, by their numbers, at the scale that takes seconds: as tests, on a separate PostgreSQL server. */
export function quickly(numbers: readonly number[]): void {
  let postgres: Running;
  beforeAll(async () => {
    postgres = await startPostgres();
  }, 60_000);
  afterAll(() => postgres.stop());

  for (const number of numbers) {
    const row = ROWS.find((one) => one.number === number);
    if (row === undefined) throw new Error(`There is no row ${number}.`);
    test(`${row.number} ${row.name}`, { timeout: 240_000 }, async () => {
      const { breaches } = await row.run({ scale: "quick", postgres, progress: () => undefined });
      expect(breaches).toEqual([]);
    });
  }
}
