import { afterAll, describe, vi } from "vitest";
import type { InboxHarness } from "../../src/inbox-contract/inbox-harness.ts";
import { durableObjectHarness, memoryHarness, postgresHarness, sqliteHarness } from "../inbox-harnesses.ts";
import { accountAcceptance } from "./accounts.ts";
import { effectAcceptance } from "./effects.ts";
import { laneAcceptance } from "./lanes.ts";
import { orderAcceptance } from "./order.ts";
import { renamingAcceptance } from "./renaming.ts";
import { thinAcceptance } from "./thin.ts";
import { verbAcceptance } from "./verbs.ts";
import { workingAcceptance } from "./working.ts";

// A schema for each test takes PostgreSQL a while on a busy machine.
vi.setConfig({ hookTimeout: 60_000 });

function acceptance<Tx>(harness: InboxHarness<Tx>, { durable }: { durable: boolean }): void {
  describe("effects", () => effectAcceptance(harness, { durable }));
  describe("order", () => orderAcceptance(harness));
  describe("accounts", () => accountAcceptance(harness, { durable }));
  describe("verbs", () => verbAcceptance(harness));
  describe("working", () => workingAcceptance(harness, { durable }));
  describe("lanes", () => laneAcceptance(harness));
  describe("thin events", () => thinAcceptance(harness, { durable }));
  describe("renaming", () => renamingAcceptance(harness));
}

describe("in memory", () => acceptance(memoryHarness(), { durable: false }));
describe("SQLite", () => acceptance(sqliteHarness(), { durable: true }));
describe("Durable Object", () => acceptance(durableObjectHarness(), { durable: true }));
describe("PostgreSQL", () => {
  const harness = postgresHarness();
  afterAll(() => harness.drop());
  acceptance(harness, { durable: true });
});
