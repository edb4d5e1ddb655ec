import { describe } from "vitest";
import { claimingConformance } from "./claiming.ts";
import type { InboxHarness } from "./inbox-harness.ts";
import { keepingConformance } from "./keeping.ts";
import { leavingConformance } from "./leaving.ts";
import { orderingConformance } from "./ordering.ts";
import { storingConformance } from "./storing.ts";
import { upkeepConformance } from "./upkeep.ts";

/** What every inbox must do, whatever keeps its rows. */
export function inboxConformance<Tx>(harness: InboxHarness<Tx>): void {
  describe("storing", () => storingConformance(harness));
  describe("claiming", () => claimingConformance(harness));
  describe("ordering", () => orderingConformance(harness));
  describe("leaving", () => leavingConformance(harness));
  describe("keeping", () => keepingConformance(harness));
  describe("upkeep", () => upkeepConformance(harness));
}
