import { randomBytes } from "node:crypto";
import { createIdSource } from "@carabiner/protocol";
import { createSystemClock } from "./clock/system-clock.ts";
import { openWithKeys, type StoreWithKeys } from "./open-with-keys.ts";
import { checkPlatform } from "./resources/platforms/check-platform.ts";
import { createPlatform as createPlatformIn, type Platform } from "./resources/platforms/create-platform.ts";
import { randomKeys } from "./resources/platforms/issue-keys.ts";
import { claimPurpose } from "./service/store-purpose.ts";

/**
 * Makes a platform in an SQLite file that no server is using, or in a PostgreSQL database. Returns its keys, which
 * nothing shows again. Throws `InvalidPlatform`, a TypeError whose `option` names the wrong option, before it opens
 * anything. Throws a plain error when the file is in use or was made by a `dev` server.
 */
export async function createPlatform(
  options: Omit<StoreWithKeys, "limits"> & {
    name: string;
    country?: string;
    /** The merchant category code of its accounts that do not set one. */
    defaultMcc?: string;
    /** Its default API version; the latest by default. */
    apiVersion?: string;
  },
): Promise<Platform> {
  const { name, country = "US", defaultMcc, apiVersion } = options;
  checkPlatform({ name, country, defaultMcc, apiVersion });
  const clock = createSystemClock();
  const ids = createIdSource(randomBytes);
  const { store, limits } = await openWithKeys(options);
  try {
    return await store.transaction(async (tx) => {
      await claimPurpose(tx, "serve");
      const platform = { name, country, defaultMcc, apiVersion, keys: randomKeys(ids) };
      return createPlatformIn(tx, platform, { now: clock.now(), ids, limits });
    });
  } finally {
    await store.close();
  }
}
