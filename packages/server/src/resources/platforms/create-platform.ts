import { type IdSource, LATEST_API_VERSION } from "@carabiner/protocol";
import type { Transaction } from "../../store/store.ts";
import { newAccount } from "../accounts/new-account.ts";
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
  const account = ids.newId("account", now);
  const application = ids.newId("application", now);
  await tx.insertAccount({
    id: account,
    created: now,
    apiVersion: LATEST_API_VERSION,
    deleted: false,
    data: newAccount({ country: platform.country, type: "standard", businessName: platform.name }),
  });
  await tx.insertApplication({ id: application, accountId: account, name: platform.name });
  await issueKeys(tx, account, platform.keys, now);
  return { account, application, keys: platform.keys };
}
