import { afterAll, describe, test, vi } from "vitest";
import { inboxContract } from "../src/inbox-contract/inbox-contract.ts";
import { durableObjectHarness, memoryHarness, postgresHarness, sqliteHarness } from "./inbox-harnesses.ts";

// A schema for each test takes PostgreSQL a while on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const runner = { describe, test };
describe("in memory", () => inboxContract(memoryHarness(), runner));
describe("SQLite", () => inboxContract(sqliteHarness(), runner));
describe("Durable Object", () => inboxContract(durableObjectHarness(), runner));
describe("PostgreSQL", () => {
  const harness = postgresHarness();
  afterAll(() => harness.drop());
  inboxContract(harness, runner);
});
