import { type IdSource, LATEST_API_VERSION } from "@carabiner/protocol";
import type { AccountRow, Reads, Transaction } from "../../store/store.ts";
import { writeAccountState } from "../accounts/account-state.ts";
import { newAccount } from "../accounts/new-account.ts";
import { deriveWorld } from "../requirements/derive-world.ts";
import { issueKeys, type Keys } from "./issue-keys.ts";

/** A platform to be made. */
export interface NewPlatform {
  /** The name of its application, which its connected accounts see. */
  name: string;
  /** Two letters of ISO 3166-1. */
  country: string;
  keys: Keys;
}

/** A platform's client ids: `ca_…`, one for each mode. */
export interface ClientIds {
  test: string;
  live: string;
}

/** A platform: an account with an application in each mode, and keys. */
export interface Platform {
  /** `acct_…` */
  account: string;
  applications: ClientIds;
  keys: Keys;
}

/** The client ids of a platform that is there. */
export async function clientIds(reads: Reads, platformId: string): Promise<ClientIds> {
  const [test, live] = [await reads.application(platformId, false), await reads.application(platformId, true)];
  return { test: test?.id ?? "", live: live?.id ?? "" };
}

/** Makes a platform with an application and keys for each mode. */
export async function createPlatform(
  tx: Transaction,
  platform: NewPlatform,
  { now, ids }: { now: number; ids: IdSource },
): Promise<Platform> {
  const id = ids.newId("account", now);
  const applications: ClientIds = { test: ids.newId("application", now), live: ids.newId("application", now) };
  const state = newAccount({ country: platform.country, type: "standard", businessName: platform.name, livemode: true, exempt: true });
  const row: AccountRow = { id, created: now, apiVersion: LATEST_API_VERSION, deleted: false, data: {} };
  const { world } = deriveWorld({ row, state, persons: [], externalAccounts: [] }, now);
  await tx.insertAccount({ ...row, data: writeAccountState(world.state) });
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
