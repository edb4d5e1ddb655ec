import { expect, test } from "vitest";
import type { InboxHarness } from "../../src/inbox-contract/inbox-harness.ts";
import { accountEvent, OpenedReceiver } from "./opened-receiver.ts";

/** The verbs for what a Connect integration should listen for. */
export function verbAcceptance<Tx>(harness: InboxHarness<Tx>): void {
  const on = new OpenedReceiver(harness);
  const send = async (hooks: Parameters<typeof on.send>[0], type: string, at: number, object: Record<string, unknown>) =>
    on.send(hooks, accountEvent(type, at, { object }));

  test("requirements due: what, until when, and why", async () => {
    const hooks = on.receiver();
    const seen: unknown[] = [];
    hooks.onRequirementsDue(async ({ account, due, deadline, disabledReason, payoutsEnabled, tx }) => {
      await on.effect(tx, "asked");
      seen.push([account, due, deadline, disabledReason, payoutsEnabled]);
    });
    const account = { id: "acct_1", object: "account", charges_enabled: true, payouts_enabled: false };
    await send(hooks, "account.updated", 1, {
      ...account,
      requirements: {
        past_due: ["external_account"],
        currently_due: ["external_account", "tos_acceptance.date"],
        current_deadline: 1_800_000_000,
        disabled_reason: "requirements.past_due",
        errors: [],
      },
    });
    await send(hooks, "account.updated", 2, { ...account, requirements: { past_due: [], currently_due: [], disabled_reason: null } });
    expect(seen).toEqual([["acct_1", ["external_account", "tos_acceptance.date"], 1_800_000_000_000, "requirements.past_due", false]]);
    if (harness.effects !== null) expect(await harness.effects()).toEqual(["asked"]);
  });

  test("a person needs attention: what is due, or why they could not be verified", async () => {
    const hooks = on.receiver();
    const seen: unknown[] = [];
    hooks.onPersonNeedsAttention(({ person, due, verification, detail }) => seen.push([person, due, verification, detail]));
    const person = { id: "person_1", object: "person" };
    await send(hooks, "person.created", 1, {
      ...person,
      requirements: { past_due: [], currently_due: ["id_number"], errors: [] },
      verification: { status: "unverified", details: null },
    });
    await send(hooks, "person.updated", 2, {
      ...person,
      requirements: { past_due: [], currently_due: [], errors: [] },
      verification: { status: "verified", details: null },
    });
    await send(hooks, "person.updated", 3, {
      ...person,
      requirements: null,
      verification: { status: "unverified", details: "The name does not match." },
    });
    expect(seen).toEqual([
      ["person_1", ["id_number"], "unverified", null],
      ["person_1", [], "unverified", "The name does not match."],
    ]);
  });

  test("an external account that is disabled, and not one that is well", async () => {
    const hooks = on.receiver();
    const seen: unknown[] = [];
    hooks.onExternalAccountDisabled(({ account, externalAccount, status, last4 }) =>
      seen.push([account, externalAccount.id, status, last4]),
    );
    const bank = { id: "ba_1", object: "bank_account", last4: "6789" };
    await send(hooks, "account.external_account.updated", 1, { ...bank, status: "new" });
    await send(hooks, "account.external_account.updated", 2, { ...bank, status: "errored" });
    expect(seen).toEqual([["acct_1", "ba_1", "errored", "6789"]]);
  });

  test("a payout that failed, and its cure, each once", async () => {
    const hooks = on.receiver();
    const seen: unknown[] = [];
    hooks
      .onPayoutFailed(({ account, payout, failureCode, destination }) =>
        seen.push(["failed", account, payout.id, failureCode, destination]),
      )
      .onPayoutCured(async ({ failedPayout, failedAt, by, tx }) => {
        await on.effect(tx, "cured");
        seen.push(["cured", failedPayout, failedAt / 1_000 - 1_767_225_600, by]);
      });
    const payout = (id: string, more = {}) => ({ id, object: "payout", destination: "ba_1", ...more });
    const bank = { id: "ba_1", object: "bank_account" };
    await send(hooks, "payout.paid", 1, payout("po_0"));
    await send(hooks, "payout.failed", 2, payout("po_1", { failure_code: "no_account" }));
    await send(hooks, "account.external_account.updated", 3, { ...bank, status: "errored" });
    // A payout that was paid before it failed says nothing of what came after.
    await send(hooks, "payout.paid", 3, payout("po_1"));
    await send(hooks, "account.external_account.updated", 4, { ...bank, status: "new" });
    await send(hooks, "payout.paid", 5, payout("po_2"));
    // A past failure that is reported late is already cured.
    await send(hooks, "payout.failed", 3, payout("po_late"));
    await send(hooks, "payout.failed", 6, payout("po_3"));
    await send(hooks, "payout.paid", 7, payout("po_4"));
    await hooks.drain();
    expect(seen).toEqual([
      ["failed", "acct_1", "po_1", "no_account", "ba_1"],
      ["cured", "po_1", 2, "external_account"],
      ["failed", "acct_1", "po_late", null, "ba_1"],
      ["failed", "acct_1", "po_3", null, "ba_1"],
      ["cured", "po_3", 6, "payout"],
    ]);
    if (harness.effects !== null) expect(await harness.effects()).toEqual(["cured", "cured"]);
  });

  test("a cure of an earlier time cures no later failure, and a failure before a cure that is known is over", async () => {
    const hooks = on.receiver();
    const cured: unknown[] = [];
    hooks.onPayoutCured(({ failedPayout }) => cured.push(failedPayout));
    const payout = (id: string) => ({ id, object: "payout", destination: "ba_1" });
    await send(hooks, "payout.failed", 5, payout("po_1"));
    await send(hooks, "payout.paid", 4, payout("po_0"));
    expect(cured).toEqual([]);
    await send(hooks, "payout.paid", 6, payout("po_2"));
    expect(cured).toEqual(["po_1"]);
    await send(hooks, "payout.failed", 5, payout("po_late"));
    await send(hooks, "payout.paid", 7, payout("po_3"));
    await hooks.drain();
    expect(cured).toEqual(["po_1"]);
  });

  test("the types that verbs need are those the endpoint must be subscribed to", () => {
    const hooks = on.receiver();
    hooks
      .onDeauthorized(() => undefined)
      .onRequirementsDue(() => undefined)
      .onPayoutFailed(() => undefined);
    hooks.platform.on(["customer.subscription.*", "charge.refunded"], { id: "money" }, () => undefined);
    expect(hooks.eventTypes()).toEqual({
      platform: ["charge.refunded", "customer.subscription.*"],
      connect: ["account.application.authorized", "account.application.deauthorized", "account.updated", "payout.failed"],
    });
  });
}
