import { createHmac } from "node:crypto";
import type { IdSource } from "@carabiner/protocol";
import type { Transaction } from "../../store/contract/transaction.ts";

/** Random characters of the secret from which others are derived: 256 bits. */
const SECRET_CHARS = 43;

const SETTING = "stripecli_secret";

/** The session's owner. */
export interface SessionOwner {
  accountId: string;
  livemode: boolean;
  /** The hash of the key that opens the session. */
  keyHash: string;
  /** The client's name for its machine. */
  deviceName: string;
}

/**
 * The signing secret of a session: the same for the same key and machine, so that receivers can store it. It is derived
 * from a server secret, which is created once, so it cannot be computed from the key.
 */
export async function listenSecret(
  tx: Pick<Transaction, "setting" | "saveSetting">,
  ids: IdSource,
  { accountId, livemode, keyHash, deviceName }: SessionOwner,
): Promise<string> {
  let secret = await tx.setting(SETTING);
  if (typeof secret !== "string") {
    secret = ids.secret(SECRET_CHARS);
    await tx.saveSetting(SETTING, secret);
  }
  const hmac = createHmac("sha256", secret).update(JSON.stringify([accountId, livemode, keyHash, deviceName]));
  return `whsec_${hmac.digest("hex")}`;
}
