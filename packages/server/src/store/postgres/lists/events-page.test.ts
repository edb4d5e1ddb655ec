import { expect, test } from "vitest";
import type { EventFilter } from "../../contract/transaction.ts";
import type { SqlRow, SqlValue } from "../database/session.ts";
import { eventsPage } from "./events-page.ts";

const OWNER = { accountId: "acct_1", livemode: false };
const PLATFORM = { ...OWNER, connectedTo: { platformId: "acct_1", applicationId: null, exceptTypes: [] } };

/** The statements that a page of ten takes, where a query finds so many rows. */
async function statementsOf(filter: EventFilter, found: number): Promise<string[]> {
  const statements: string[] = [];
  const answer = async (sql: string, ..._: SqlValue[]): Promise<SqlRow[]> => {
    statements.push(sql);
    return Array.from({ length: found }, () => ({ body: Buffer.from("{}"), count: 3 }));
  };
  const session = {
    all: answer,
    get: async (sql: string, ...values: SqlValue[]) => (await answer(sql, ...values))[0] ?? { count: 3 },
    run: async () => 0,
  };
  await eventsPage(session, null, filter, { limit: 10 });
  return statements;
}

test("a page that is full among the next events takes one statement, which looks at a bounded number", async () => {
  for (const filter of [OWNER, PLATFORM, { ...PLATFORM, types: ["payout.paid"], created: { gte: 5 } }]) {
    const [walk, ...others] = await statementsOf(filter, 11);
    expect(walk).toMatch(/FROM events WHERE .* ORDER BY n DESC LIMIT 1000\b/);
    expect(others).toEqual([]);
  }
});

test("one that is not is found in the way that looks at the fewest rows", async () => {
  const statements = await statementsOf({ ...PLATFORM, types: ["person.created"] }, 0);
  expect(statements.at(-1)).toContain("n = ANY(ARRAY(");
});

test("what was not received is not looked up for each of the next events", async () => {
  expect(await statementsOf({ ...PLATFORM, deliverySuccess: false }, 11)).not.toContainEqual(expect.stringMatching(/LIMIT 1000\b/));
});
