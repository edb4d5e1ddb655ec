import { DEFAULT_LIMITS } from "../../src/limits.ts";
import { type AccountChange, changeAccount } from "../../src/resources/accounts/change-account.ts";
import { deriveWorld } from "../../src/resources/connected-account/requirements/derive-world.ts";
import type { AccountState } from "../../src/resources/connected-account/state/account-state.ts";
import type { AccountWorld } from "../../src/resources/connected-account/state/account-world.ts";
import type { ExternalAccount } from "../../src/resources/connected-account/state/external-account-state.ts";
import { type NewAccount, newAccount } from "../../src/resources/connected-account/state/new-account.ts";
import type { PassingValue } from "../../src/resources/onboarding/passing-values.ts";
import { changePerson, newPerson } from "../../src/resources/persons/change-person.ts";
import type { JsonObject } from "../../src/store/contract/rows.ts";

/** A new account in a test, of which nothing is known, with what follows from that at `now`. */
export function freshWorld(account: Partial<NewAccount>, now: number): AccountWorld {
  const state: AccountState = newAccount({ country: "US", type: "custom", livemode: false, ...account });
  const row = { id: "acct_1", created: now, apiVersion: "2026-10-28.endive", deleted: false, data: {} };
  return deriveWorld({ row, state, persons: [], externalAccounts: [], customer: null }, now, DEFAULT_LIMITS).world;
}

/** The world after its account was told something at `now`, in its own mode. */
export function tell(world: AccountWorld, change: AccountChange, now: number): AccountWorld {
  const { livemode } = world.state;
  return deriveWorld(changeAccount(world, change, { id: "person_individual", now, livemode }), now, DEFAULT_LIMITS).world;
}

/** The world after one of its people was told something; a person it does not have is made. */
export function tellPerson(world: AccountWorld, id: string, told: JsonObject, now: number): AccountWorld {
  const telling = { now, livemode: world.state.livemode };
  const known = world.persons.find(({ row }) => row.id === id);
  const after = changePerson(known ?? newPerson(world, { id, now }), told, telling);
  const persons = known === undefined ? [...world.persons, after] : world.persons.map((person) => (person === known ? after : person));
  return deriveWorld({ ...world, persons }, now, DEFAULT_LIMITS).world;
}

/** The world with a bank account that has a status. */
export function withBankAccount(world: AccountWorld, now: number, status: ExternalAccount["state"]["status"] = "new"): AccountWorld {
  const bank: ExternalAccount = {
    row: {
      id: "ba_1",
      object: "external_account",
      accountId: world.row.id,
      livemode: world.state.livemode,
      parent: null,
      created: now,
      data: {},
    },
    state: {
      kind: "bank_account",
      country: world.state.country,
      currency: "usd",
      defaultForCurrency: true,
      status,
      shown: {},
      metadata: {},
      payoutOutcome: null,
    },
  };
  return deriveWorld({ ...world, externalAccounts: [bank] }, now, DEFAULT_LIMITS).world;
}

/** The world after something was given that passes. */
export function give(world: AccountWorld, value: PassingValue, now: number): AccountWorld {
  if (value.of === "external_account") return withBankAccount(world, now);
  if (value.of === "person") return tellPerson(world, value.personId ?? `person_${world.persons.length}`, value.told, now);
  return tell(world, value.told as AccountChange, now);
}
