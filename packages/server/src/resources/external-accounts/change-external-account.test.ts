import { expect, test } from "vitest";
import type { ExternalAccountState } from "../connected-account/state/external-account-state.ts";
import { withDocuments } from "./change-external-account.ts";

const BANK: ExternalAccountState = {
  kind: "bank_account",
  country: "US",
  currency: "usd",
  defaultForCurrency: true,
  status: "verification_failed",
  shown: {},
  metadata: {},
  payoutOutcome: null,
  ownership: { stage: "document_needed", because: null },
};

test.each([
  [false, "file_identity_document_success", "verified"],
  [false, "file_identity_document_failure", "verification_document_failed_test_mode"],
  [true, "file_identity_document_failure", "verified"],
])("a file's name decides about ownership in test mode alone, live: %s, %s", (livemode, file, result) => {
  const { ownership } = withDocuments(BANK, [file], { now: 1_000, ownershipCheckMs: 500, livemode });
  expect(ownership).toMatchObject({ dueAt: 1_500, result });
});
