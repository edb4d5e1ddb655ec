import { createHmac } from "node:crypto";
import type { IdSource } from "@carabiner/protocol";
import type { Transaction } from "../../store/contract/transaction.ts";

/** Random characters of the secret that others follow from: 256 bits. */
const SECRET_CHARS = 43;

const SETTING = "stripecli_secret";

/** Whose session it is. */
export interface SessionOwner {
  accountId: string;
  livemode: boolean;
  /** The hash of the key that asks for the session. */
  keyHash: string;
  /** What the client calls the machine it runs on. */
  deviceName: string;
}

/**
 * The signing secret of a session: the same for the same key and machine, so that whoever verifies can keep it. It follows from a
 * secret of the servers, which is made once, so nobody can tell it from the key.
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
