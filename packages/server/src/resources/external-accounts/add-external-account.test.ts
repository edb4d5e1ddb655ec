import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bankAccountRequirements } from "../connected-account/rendering/ownership-check.ts";
import type { AccountWorld } from "../connected-account/state/account-world.ts";
import { defaultExternalAccount } from "../connected-account/state/default-external-account.ts";
import type { ExternalAccountState } from "../connected-account/state/external-account-state.ts";
import { newAccount } from "../connected-account/state/new-account.ts";
import { addExternalAccount, removeExternalAccount, replaceExternalAccount } from "./add-external-account.ts";
import { changeExternalAccount, makeDefault, toldExternalAccount } from "./change-external-account.ts";
import { fingerprintsWith } from "./fingerprint.ts";
import { judgeBankAccount } from "./judge-bank-account.ts";

const NOW = 1_700_000_000_000;
const LIMITS = { externalAccountsPerMode: 20, ownershipCheckMs: 1_000 };
const CHANGE = { now: NOW, ownershipCheckMs: LIMITS.ownershipCheckMs, livemode: false };
const fingerprint = fingerprintsWith("key");

const empty: AccountWorld = {
  row: { id: "acct_1", created: NOW, apiVersion: "2024-06-20", deleted: false, data: {} },
  state: newAccount({ country: "US", type: "custom", livemode: false }),
  persons: [],
  externalAccounts: [],
  customer: null,
};

/** A new bank account, by its test number. */
function added(id: string, { number = "000123456789", currency = "usd", livemode = false, isDefault = false } = {}) {
  const given = { country: "US", currency, account_number: number, routing_number: "110000000" };
  const judged = judgeBankAccount(given, { livemode, fingerprint, param: "external_account" });
  return { judged, id, livemode, now: NOW, limits: LIMITS, metadata: {}, makeDefault: isDefault, param: "external_account" };
}

const errored = (world: AccountWorld, id: string) =>
  changeExternalAccount(world, id, (state) => ({ ...state, status: "errored" as const }));
const stateOf = (world: AccountWorld, id: string) => world.externalAccounts.find(({ row }) => row.id === id)?.state as ExternalAccountState;

describe("one that a payout failed to", () => {
  const world = errored(addExternalAccount(empty, added("ba_1")), "ba_1");

  test("can be paid out to again once it is told anything, or nothing", () => {
    for (const change of [{}, { metadata: { a: "1" } }, { account_holder_name: "Jane" }])
      expect(toldExternalAccount(stateOf(world, "ba_1"), change, CHANGE).status).toBe("new");
  });

  test("cannot be added again, and can be put in its own place", () => {
    expect(() => addExternalAccount(world, added("ba_2"))).toThrow(expect.objectContaining({ error: "bank_account_unusable" }));
    expect(addExternalAccount(world, added("ba_2", { number: "000111111116" })).externalAccounts).toHaveLength(2);
    expect(addExternalAccount(world, added("ba_2", { livemode: true })).externalAccounts).toHaveLength(2);
    const replaced = replaceExternalAccount(world, added("ba_2"));
    expect(replaced.externalAccounts.map(({ row, state }) => [row.id, state.status, state.defaultForCurrency])).toEqual([
      ["ba_2", "new", true],
    ]);
  });

  test("whose owner is in question stays in question", () => {
    const asked = changeExternalAccount(world, "ba_1", (state) => ({ ...state, ownership: { stage: "document_needed", because: null } }));
    expect(toldExternalAccount(stateOf(asked, "ba_1"), {}, CHANGE).status).toBe("verification_failed");
    const documents = { bank_account_ownership_verification: { files: ["file_1"] } };
    const given = toldExternalAccount(stateOf(asked, "ba_1"), { documents }, CHANGE);
    expect(given.ownership).toEqual({ stage: "document_checking", dueAt: NOW + 1_000, result: "verified" });
    expect(bankAccountRequirements(given).pending_verification).toHaveLength(1);
    const none = toldExternalAccount(stateOf(world, "ba_1"), { documents }, CHANGE);
    expect(none.ownership).toBeUndefined();
  });
});

test("no more are taken than the limit of each mode", () => {
  let world = empty;
  for (let count = 0; count < LIMITS.externalAccountsPerMode; count++) world = addExternalAccount(world, added(`ba_${count}`));
  expect(() => addExternalAccount(world, added("ba_x"))).toThrow(expect.objectContaining({ error: "external_account_limit" }));
  expect(addExternalAccount(world, added("ba_x", { livemode: true })).externalAccounts).toHaveLength(LIMITS.externalAccountsPerMode + 1);
});

test("whatever is done, each currency of each mode that has any has one default, and a refusal changes nothing", () => {
  const currency = fc.constantFrom("usd", "eur", "gbp");
  const step = fc.oneof(
    fc.record({ kind: fc.constant("add" as const), currency, livemode: fc.boolean(), isDefault: fc.boolean() }),
    fc.record({ kind: fc.constant("replace" as const), currency, livemode: fc.boolean() }),
    fc.record({ kind: fc.constant("remove" as const), at: fc.nat(20) }),
    fc.record({ kind: fc.constant("choose" as const), at: fc.nat(20) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 18 }), (steps) => {
      let world = empty;
      for (const [count, one] of steps.entries()) {
        const chosen = "at" in one ? world.externalAccounts[one.at % Math.max(world.externalAccounts.length, 1)] : undefined;
        if (one.kind === "add") world = addExternalAccount(world, added(`ba_${count}`, one));
        else if (one.kind === "replace") world = replaceExternalAccount(world, added(`ba_${count}`, one));
        else if (chosen !== undefined && one.kind === "choose") world = makeDefault(world, chosen.row.id);
        else if (chosen !== undefined) {
          const { defaultForCurrency, currency: its } = chosen.state;
          const others = world.externalAccounts.filter(
            ({ row, state }) => row.livemode === chosen.row.livemode && state.currency === its && row !== chosen.row,
          );
          if (defaultForCurrency && (its === "usd" || others.length > 0))
            expect(() => removeExternalAccount(world, chosen)).toThrow(
              expect.objectContaining({ error: "external_account_delete_refused" }),
            );
          else world = removeExternalAccount(world, chosen);
        }
        for (const livemode of [false, true])
          for (const each of ["usd", "eur", "gbp"]) {
            const of = world.externalAccounts.filter(({ row, state }) => row.livemode === livemode && state.currency === each);
            const defaults = of.filter(({ state }) => state.defaultForCurrency);
            expect(defaults).toHaveLength(of.length === 0 ? 0 : 1);
            expect(defaultExternalAccount(world, livemode, each)).toBe(defaults[0]);
          }
      }
    }),
  );
});
