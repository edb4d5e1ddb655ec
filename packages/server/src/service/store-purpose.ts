import type { Transaction } from "../store/contract/transaction.ts";

/** What a store is for. `dev` has public keys and a clock that may have been turned, `serve` has neither. */
export type StorePurpose = "dev" | "serve";

const PURPOSE_SETTING = "purpose";

/** A store made for one purpose was opened for the other. Nothing changed. */
class WrongStorePurpose extends Error {
  override readonly name = "WrongStorePurpose";
  readonly madeFor: StorePurpose;

  constructor(madeFor: StorePurpose) {
    super(
      madeFor === "dev"
        ? "it was made for development: everybody knows its keys, and its clock may have been turned"
        : "it was made to be served: a development server would add keys to it that everybody knows",
    );
    this.madeFor = madeFor;
  }
}

/**
 * Records the purpose of a new store. Throws `WrongStorePurpose` when an existing store has another purpose: public
 * keys must never open a store that is served.
 */
export async function claimPurpose(tx: Transaction, purpose: StorePurpose): Promise<void> {
  const kept = (await tx.setting(PURPOSE_SETTING)) as StorePurpose | null;
  if (kept === null) await tx.saveSetting(PURPOSE_SETTING, purpose);
  else if (kept !== purpose) throw new WrongStorePurpose(kept);
}
