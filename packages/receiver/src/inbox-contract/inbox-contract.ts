import { claimingCases } from "./claiming.ts";
import { OpenedInbox } from "./inbox-fixture.ts";
import type { InboxHarness } from "./inbox-harness.ts";
import { keepingCases } from "./keeping.ts";
import { leavingCases } from "./leaving.ts";
import { orderingCases } from "./ordering.ts";
import { storingCases } from "./storing.ts";
import type { Suite, TestRunner } from "./suite.ts";
import { upkeepCases } from "./upkeep.ts";

export type { InboxHarness } from "./inbox-harness.ts";
export type { TestRunner } from "./suite.ts";

/**
 * What every inbox must do, whatever its database: for authors of an inbox. Registers its tests with the given runner,
 * such as `{ describe, test }` of vitest or `node:test`; they fail with an AssertionError of `node:assert`. They must
 * run one after another: each opens the harness and closes it again, even after a failure.
 */
export function inboxContract<Tx>(harness: InboxHarness<Tx>, { describe, test }: TestRunner): void {
  const on = new OpenedInbox<Tx>();
  const suite: Suite<Tx> = {
    harness,
    on,
    describe: (name, body) => describe(name, body),
    test: (name, body) =>
      test(name, async () => {
        on.inbox = await harness.open();
        try {
          await body();
        } finally {
          await harness.close();
        }
      }),
  };
  describe("storing", () => storingCases(suite));
  describe("claiming", () => claimingCases(suite));
  describe("ordering", () => orderingCases(suite));
  describe("leaving", () => leavingCases(suite));
  describe("keeping", () => keepingCases(suite));
  describe("upkeep", () => upkeepCases(suite));
}
