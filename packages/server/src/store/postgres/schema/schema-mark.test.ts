import { expect, test } from "vitest";
import { StoreUnavailable, UnfitDatabase } from "../../store.ts";
import type { Session, SqlRow } from "../database/session.ts";
import { MIGRATIONS, OLDEST_NODE } from "./migrations.ts";
import { checkMark, checkSchema, type SchemaMark } from "./schema-mark.ts";

test("a node works with a database as long as it knows the steps that are needed, however many more there are", () => {
  expect(() => checkMark({ version: 99, oldest: 40 }, 40)).not.toThrow();
  expect(() => checkMark({ version: 99, oldest: 41 }, 40)).toThrow(UnfitDatabase);
});

/** A database that answers so. */
function database(state: SqlRow, mark: Partial<SchemaMark> = {}): Session {
  const answers: SqlRow[] = [state, { version: MIGRATIONS.length, oldest: OLDEST_NODE, ...mark }];
  return { get: async () => answers.shift() } satisfies Partial<Session> as unknown as Session;
}

const READY = { migrated: true, standby: false };

test.each([
  ["is ours", READY, {}, null],
  ["a newer version has upgraded", READY, { version: MIGRATIONS.length + 1 }, null],
  ["a newer version alone can work with", READY, { oldest: MIGRATIONS.length + 1 }, UnfitDatabase],
  ["lacks a step", READY, { version: MIGRATIONS.length - 1 }, UnfitDatabase],
  ["is a standby", { migrated: true, standby: true }, {}, StoreUnavailable],
  ["has no tables of ours", { migrated: false, standby: false }, {}, StoreUnavailable],
])("a database that %s is looked at as that", async (_, state, mark, refusal) => {
  const checked = checkSchema(database(state, mark));
  if (refusal === null) await checked;
  else await expect(checked).rejects.toBeInstanceOf(refusal);
});
