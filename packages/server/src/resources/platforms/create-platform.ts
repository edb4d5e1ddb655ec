import { type IdSource, LATEST_API_VERSION } from "@carabiner/protocol";
import type { AccountRow, Transaction } from "../../store/store.ts";
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

/** A platform: an account with an application and keys. */
export interface Platform {
  /** `acct_…` */
  account: string;
  /** `ca_…` */
  application: string;
  keys: Keys;
}

/** Makes a platform with keys for both modes. */
export async function createPlatform(
  tx: Transaction,
  platform: NewPlatform,
  { now, ids }: { now: number; ids: IdSource },
): Promise<Platform> {
  const id = ids.newId("account", now);
  const application = ids.newId("application", now);
  const state = newAccount({ country: platform.country, type: "standard", businessName: platform.name, livemode: true, exempt: true });
  const row: AccountRow = { id, created: now, apiVersion: LATEST_API_VERSION, deleted: false, data: {} };
  const { world } = deriveWorld({ row, state, persons: [], externalAccounts: [] }, now);
  await tx.insertAccount({ ...row, data: writeAccountState(world.state) });
  await tx.insertApplication({ id: application, accountId: id, name: platform.name });
  await issueKeys(tx, id, platform.keys, now);
  return { account: id, application, keys: platform.keys };
}
