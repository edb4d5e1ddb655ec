import { beforeEach, expect, test } from "vitest";
import { SqliteConnection } from "../database/connection.ts";
import { GroupScope } from "../database/group-scope.ts";
import { MEMORY, openDatabase } from "../database/open-database.ts";
import { migrate } from "../schema/migrate.ts";
import { addToLane, moveLane } from "./lanes.ts";

const NOW = Date.UTC(2026, 10, 30);
const LEASE = 60_000;

let connection: SqliteConnection;
let scope: GroupScope;
beforeEach(() => {
  const database = openDatabase(MEMORY);
  migrate(database, NOW);
  connection = new SqliteConnection(database);
  scope = new GroupScope(connection, false, { turn: 0, event: 0, delivery: 0, eventTime: 0 }, null);
});

const lane = () => ({ ...connection.get("SELECT due_at, leased_until FROM lanes WHERE endpoint_id = 'we_1'") });

/** What is published at this time and leased at once. */
function published(at: number): void {
  addToLane(scope, "we_1", { dueAt: at + LEASE, leasedUntil: at + LEASE });
}

test("what is published within a second leaves the lane as it is", () => {
  published(NOW);
  const first = { rows: scope.changedRows, lane: lane() };
  published(NOW + 500);
  published(NOW + 1_000);
  expect({ rows: scope.changedRows, lane: lane() }).toEqual(first);
  expect(first.lane).toEqual({ due_at: NOW + LEASE, leased_until: NOW + LEASE + 1_000 });
});

test("a lease that ends later is noted, and what is due earlier", () => {
  published(NOW);
  published(NOW + 1_001);
  expect(lane().leased_until).toBeGreaterThanOrEqual(NOW + 1_001 + LEASE);
  addToLane(scope, "we_1", { dueAt: NOW + 10, leasedUntil: 0 });
  expect(lane().due_at).toBe(NOW + 10);
});

test("a lane that has gone, by a claim or by what was rolled back, is there again with what is published next", () => {
  published(NOW);
  // Nothing of the endpoint is pending.
  moveLane(scope, "we_1", NOW, 0);
  expect(lane()).toEqual({});
  published(NOW + 1);
  expect(lane()).toMatchObject({ due_at: NOW + 1 + LEASE });
  connection.run("ROLLBACK");
  scope = new GroupScope(connection, false, { turn: 0, event: 0, delivery: 0, eventTime: 0 }, null);
  published(NOW + 2);
  expect(lane()).toMatchObject({ due_at: NOW + 2 + LEASE });
});
