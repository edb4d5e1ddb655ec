import { describe } from "vitest";
import { backlogConformance } from "./store-conformance/backlog.ts";
import { batchConformance } from "./store-conformance/batches.ts";
import { claimConformance } from "./store-conformance/claims.ts";
import { closingConformance } from "./store-conformance/closing.ts";
import { dashboardSessionConformance } from "./store-conformance/dashboard-sessions.ts";
import { erasureConformance } from "./store-conformance/erasure.ts";
import { figureConformance } from "./store-conformance/figures.ts";
import { filterConformance } from "./store-conformance/filters.ts";
import { healthConformance } from "./store-conformance/health.ts";
import { hotLaneConformance } from "./store-conformance/hot-lane.ts";
import { listenerConformance } from "./store-conformance/listeners.ts";
import { listConformance } from "./store-conformance/lists.ts";
import { longReadConformance } from "./store-conformance/long-reads.ts";
import { pauseConformance } from "./store-conformance/pauses.ts";
import { pruningConformance } from "./store-conformance/pruning.ts";
import { requestConformance } from "./store-conformance/requests.ts";
import { rowConformance } from "./store-conformance/rows.ts";
import { sealingConformance } from "./store-conformance/sealing.ts";
import { settlementConformance } from "./store-conformance/settlements.ts";
import { storageConformance } from "./store-conformance/storage.ts";
import { taskConformance } from "./store-conformance/tasks.ts";
import { transactionConformance } from "./store-conformance/transactions.ts";
import { uncleanEndConformance } from "./store-conformance/unclean-ends.ts";
import { walkConformance } from "./store-conformance/walks.ts";
import type { StoreHarness } from "./store-harness.ts";
import { modelConformance } from "./store-model.ts";

/** What every store must do, whatever keeps its rows. */
export function storeConformance(harness: StoreHarness): void {
  describe("step by step", () => {
    describe("transactions", () => transactionConformance(harness));
    describe("rows", () => rowConformance(harness));
    describe("lists", () => listConformance(harness));
    describe("batches", () => batchConformance(harness));
    describe("filters", () => filterConformance(harness));
    describe("walks", () => walkConformance(harness));
    describe("long reads", () => longReadConformance(harness));
    describe("claims", () => claimConformance(harness));
    describe("pauses", () => pauseConformance(harness));
    describe("settlements", () => settlementConformance(harness));
    describe("health", () => healthConformance(harness));
    describe("backlog", () => backlogConformance(harness));
    describe("figures", () => figureConformance(harness));
    describe("hot lane", () => hotLaneConformance(harness));
    describe("storage", () => storageConformance(harness));
    describe("tasks", () => taskConformance(harness));
    describe("pruning", () => pruningConformance(harness));
    describe("erasure", () => erasureConformance(harness));
    describe("requests", () => requestConformance(harness));
    describe("dashboard sessions", () => dashboardSessionConformance(harness));
    describe("listening", () => listenerConformance(harness));
    describe("unclean ends", () => uncleanEndConformance(harness));
    describe("sealing", () => sealingConformance(harness));
    describe("closing", () => closingConformance(harness));
  });
  modelConformance(harness);
}
