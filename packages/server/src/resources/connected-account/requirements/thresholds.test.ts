import { expect, it } from "vitest";
import type { AccountWorld } from "../state/account-world.ts";
import { nothingDue, underivedAccount } from "../state/derived.ts";
import { newAccount } from "../state/new-account.ts";
import { NO_ACCOUNT_REVIEWED } from "../state/review.ts";
import { crossThreshold, type Threshold } from "./thresholds.ts";

const NOW = 1_700_000_000_000;
const worldOf = (eventuallyDue: string[], granted: string[], detailsSubmitted = true): AccountWorld => ({
  row: { id: "acct_1", created: NOW, apiVersion: "2026-10-28.endive", deleted: false, data: {} },
  state: {
    ...newAccount({ country: "US", type: "custom", livemode: false }),
    derived: { ...underivedAccount(), detailsSubmitted, requirements: { ...nothingDue(), eventually_due: eventuallyDue } },
    review: { ...NO_ACCOUNT_REVIEWED, granted },
  },
  persons: [],
  externalAccounts: [],
  customer: null,
});
const EVENTUALLY = worldOf(["individual.id_number"], ["card_payments"]);

it.each([
  ["next_requirements", {}],
  ["charge_block", { "individual.id_number": { deadline: NOW, stops: "charges" } }],
  ["payout_block", { "individual.id_number": { deadline: NOW, stops: "payouts" } }],
] as [Threshold, object][])("%s asks for what was due eventually", (threshold, asked) => {
  expect(crossThreshold(EVENTUALLY, threshold, NOW).state.review).toMatchObject({ thresholdCrossed: true, asked });
});

it.each([
  ["before what is required first was given", worldOf(["individual.id_number"], ["card_payments"], false)],
  ["before anything was granted", worldOf(["individual.id_number"], [])],
  ["where nothing more will be due", worldOf([], ["card_payments"])],
])("does nothing %s", (_, world) => {
  expect(crossThreshold(world, "charge_block", NOW)).toBe(world);
});
