import type Stripe from "stripe";
import { expect, test } from "vitest";
import { readAccountState, writeAccountState } from "../../../src/resources/connected-account/state/account-state.ts";
import { PROPERTIES_OF_TYPE } from "../../../src/resources/connected-account/state/controller-properties.ts";
import { externalAccounts } from "../../../src/resources/external-accounts/external-accounts.ts";
import { BANK, payoutsFixture } from "../payouts/payouts-fixture.ts";

test("a payout that fails disables the bank account, and an update of it without parameters enables it again", async () => {
  const fixture = await payoutsFixture({ interval: "manual" });
  await fixture.changeBank({ payoutOutcome: { failureCode: "account_closed", instantOnly: false } });
  await fixture.fund(10_000);
  const payout = await fixture.call("/v1/payouts", { amount: 1_000, currency: "usd" });
  await fixture.advanceTo(fixture.now + 10 * 24 * 3_600_000);
  const told = () =>
    fixture.recorded
      .filter(({ type }) => type === "account.external_account.updated")
      .map(({ object, previousAttributes }) => [(object as unknown as Stripe.BankAccount).status, previousAttributes]);
  expect(told()).toEqual([["errored", { status: "new" }]]);
  expect(fixture.recorded.map(({ type }) => type)).toContain("payout.failed");
  expect(payout.destination).toBe(BANK);

  const update = externalAccounts.operations.find(({ method, path }) => method === "POST" && path.endsWith(":external_account"));
  const answered = await fixture.change(async (context) => {
    const row = { ...fixture.account };
    row.data = writeAccountState({
      ...readAccountState(row.data),
      type: "custom",
      controller: PROPERTIES_OF_TYPE.custom,
      createdBy: "acct_platform",
    });
    await context.tx.updateAccount(row);
    const platform = { ...row, id: "acct_platform" };
    const asking = {
      caller: platform,
      account: platform,
      application: null,
      keyHint: "sk_test_…",
      keyHash: "",
      apiVersion: "2026-10-28.endive" as const,
    };
    return update?.run(
      {
        ...context,
        ...asking,
        request: { id: "req_1", idempotencyKey: null },
        byOperator: false,
        checkMay: () => undefined,
        clientIp: null,
        upload: null,
      },
      {},
      { account: row.id, external_account: BANK },
    );
  });
  expect(answered).toMatchObject({ id: BANK, status: "new" });
  expect(told().slice(1)).toEqual([["new", { status: "errored" }]]);
  await fixture.close();
});
