import { clientIds, createPlatform, keepMcc, type Platform } from "./resources/platforms/create-platform.ts";
import { keysEnding } from "./resources/platforms/issue-keys.ts";
import type { Store } from "./store/store.ts";

/** The ending of the keys of a `dev` server. */
const DEV_KEY = "carabiner";

/** The platform of a `dev` server: made at its first start, found again at later ones. Everybody knows its keys. `defaultMcc` is kept, if it is given. */
export function devPlatform(
  store: Store,
  { defaultMcc, ...context }: Parameters<typeof createPlatform>[2] & { defaultMcc: string | undefined },
): Promise<Platform> {
  return store.transaction(async (tx) => {
    const kept = (await tx.setting("dev_platform")) as { account: string } | null;
    const keys = keysEnding(() => DEV_KEY);
    if (kept !== null) {
      await keepMcc(tx, kept.account, defaultMcc);
      return { account: kept.account, applications: await clientIds(tx, kept.account), keys };
    }
    const mcc = defaultMcc === undefined ? {} : { defaultMcc };
    const made = await createPlatform(tx, { name: "Carabiner", country: "US", keys, ...mcc }, context);
    await tx.saveSetting("dev_platform", { account: made.account });
    return made;
  });
}
