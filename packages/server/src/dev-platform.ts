import type { PlatformAsked } from "./resources/platforms/check-platform.ts";
import { clientIds, createPlatform, keepPlatform, type Platform } from "./resources/platforms/create-platform.ts";
import { issueKeys, keyHash, keysEnding } from "./resources/platforms/issue-keys.ts";
import type { Store } from "./store/store.ts";

/** The ending of a `dev` server's keys: as long as Stripe's, for clients that check the length. */
const DEV_KEY = "carabinerForLocalTesting";
/** The earlier ending of its keys, which is still accepted. */
const SHORT_DEV_KEY = "carabiner";

/**
 * The platform of a `dev` server. The first start makes it, later ones find it. Its keys are public. Later starts keep
 * the options of earlier ones.
 */
export function devPlatform(
  store: Store,
  { defaultMcc, apiVersion }: Pick<PlatformAsked, "defaultMcc" | "apiVersion">,
  context: Parameters<typeof createPlatform>[2],
): Promise<Platform> {
  return store.transaction(async (tx) => {
    const kept = (await tx.setting("dev_platform")) as { account: string } | null;
    const keys = keysEnding(() => DEV_KEY);
    const short = keysEnding(() => SHORT_DEV_KEY);
    if (kept === null) {
      const made = await createPlatform(tx, { name: "Carabiner", country: "US", keys, defaultMcc, apiVersion }, context);
      await issueKeys(tx, made.account, short, context.now);
      await tx.saveSetting("dev_platform", { account: made.account });
      return made;
    }
    await keepPlatform(tx, kept.account, { defaultMcc, apiVersion });
    // A database of an older release has only the short keys.
    if ((await tx.keyByHash(keyHash(keys.test.secret))) === null) await issueKeys(tx, kept.account, keys, context.now);
    return { account: kept.account, applications: await clientIds(tx, kept.account), keys };
  });
}
