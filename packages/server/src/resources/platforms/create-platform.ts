import { type IdSource, LATEST_API_VERSION } from "@carabiner/protocol";
import type { Limits } from "../../limits.ts";
import { hashOf } from "../../operations/merge-change.ts";
import type { AccountRow } from "../../store/contract/rows.ts";
import type { Reads, Transaction } from "../../store/contract/transaction.ts";
import { deriveWorld } from "../connected-account/requirements/derive-world.ts";
import { type AccountState, readAccountState, writeAccountState } from "../connected-account/state/account-state.ts";
import { type ExternalAccount, writeExternalAccount } from "../connected-account/state/external-account-state.ts";
import { newAccount } from "../connected-account/state/new-account.ts";
import { newExternalAccount } from "../external-accounts/add-external-account.ts";
import { type Fingerprint, fingerprints } from "../external-accounts/fingerprint.ts";
import { judgeBankAccount } from "../external-accounts/judge-bank-account.ts";
import { testBankAccount } from "../external-accounts/test-numbers/bank-tokens.ts";
import type { PlatformAsked } from "./check-platform.ts";
import { issueKeys, type Keys } from "./issue-keys.ts";

/**
 * The options of a new platform, checked by `platformFault`. Without a default category, its accounts have to provide
 * one.
 */
export interface NewPlatform extends PlatformAsked {
  name: string;
  country: string;
  keys: Keys;
}

/** A platform's client ids: `ca_…`, one for each mode. */
export interface ClientIds {
  test: string;
  live: string;
}

/** A platform: an account with keys, and an application in each mode. */
export interface Platform {
  /** `acct_…` */
  account: string;
  applications: ClientIds;
  keys: Keys;
}

/** The client ids of an existing platform. */
export async function clientIds(reads: Reads, platformId: string): Promise<ClientIds> {
  const [test, live] = [await reads.application(platformId, false), await reads.application(platformId, true)];
  return { test: test?.id ?? "", live: live?.id ?? "" };
}

/** Creates a platform with an application and keys for each mode. */
export async function createPlatform(
  tx: Transaction,
  platform: NewPlatform,
  { now, ids, limits }: { now: number; ids: IdSource; limits: Limits },
): Promise<Platform> {
  const id = ids.newId("account", now);
  const country = platform.country.toUpperCase();
  const applications: ClientIds = { test: ids.newId("application", now), live: ids.newId("application", now) };
  const state = withMcc(
    newAccount({ country, type: "standard", businessName: platform.name, livemode: true, exempt: true }),
    platform.defaultMcc,
  );
  const row: AccountRow = { id, created: now, apiVersion: platform.apiVersion ?? LATEST_API_VERSION, deleted: false, data: {} };
  const externalAccounts = defaultBankAccounts(await fingerprints(tx, ids), { accountId: id, country, now, ids, limits });
  const { world } = deriveWorld({ row, state, persons: [], externalAccounts, customer: null }, now, limits);
  await tx.insertAccount({ ...row, data: writeAccountState(world.state) });
  for (const one of world.externalAccounts) await tx.insertObject(writeExternalAccount(one));
  for (const mode of ["test", "live"] as const)
    await tx.insertApplication({
      id: applications[mode],
      accountId: id,
      livemode: mode === "live",
      name: platform.name,
      redirectUris: [],
    });
  await issueKeys(tx, id, platform.keys, now);
  return { account: id, applications, keys: platform.keys };
}

/** A platform with the default category of accounts that it creates. */
function withMcc(state: AccountState, mcc: string | undefined): AccountState {
  if (mcc === undefined) return state;
  return { ...state, given: { ...state.given, business_profile: { ...hashOf(state.given.business_profile), mcc } } };
}

/** Changes an existing platform's name, category or default version; undefined leaves a value unchanged. */
export async function keepPlatform(
  tx: Transaction,
  platformId: string,
  { name, defaultMcc, apiVersion }: Pick<PlatformAsked, "name" | "defaultMcc" | "apiVersion">,
): Promise<void> {
  for (const livemode of [false, true]) {
    const application = name === undefined ? null : await tx.application(platformId, livemode);
    if (application !== null && name !== undefined) await tx.updateApplication({ ...application, name });
  }
  const row = defaultMcc === undefined && apiVersion === undefined ? null : await tx.account(platformId);
  if (row === null) return;
  const data = writeAccountState(withMcc(readAccountState(row.data), defaultMcc));
  await tx.updateAccount({ ...row, apiVersion: apiVersion ?? row.apiVersion, data });
}

/**
 * A bank account in each mode for a platform's own payouts, since the API cannot add one. There is none in countries
 * without a bank.
 */
function defaultBankAccounts(
  fingerprint: Fingerprint,
  { accountId, country, now, ids, limits }: { accountId: string; country: string; now: number; ids: IdSource; limits: Limits },
): ExternalAccount[] {
  const bank = testBankAccount(country);
  if (bank === undefined) return [];
  const given = { ...bank, account_number: bank.number, routing_number: bank.routing ?? undefined };
  const judged = judgeBankAccount(given, { livemode: false, fingerprint, param: "external_account" });
  return [false, true].map((livemode) => {
    const made = newExternalAccount(accountId, {
      judged,
      id: ids.newId("bank_account", now),
      livemode,
      now,
      limits,
      metadata: {},
    });
    return { ...made, state: { ...made.state, defaultForCurrency: true } };
  });
}
