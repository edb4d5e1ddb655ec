import { afterAll, describe, vi } from "vitest";
import { inboxConformance } from "./inbox-conformance/inbox-conformance.ts";
import { memoryHarness, postgresHarness, sqliteHarness } from "./inbox-harnesses.ts";

// A schema for each test takes PostgreSQL a while on a busy machine.
vi.setConfig({ hookTimeout: 60_000 });

describe("in memory", () => inboxConformance(memoryHarness()));
describe("SQLite", () => inboxConformance(sqliteHarness()));
describe("PostgreSQL", () => {
  const harness = postgresHarness();
  afterAll(() => harness.drop());
  inboxConformance(harness);
});
