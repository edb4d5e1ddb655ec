import type { JsonObject } from "../../../store/contract/rows.ts";
import { type AccountType, type ControllerProperties, PROPERTIES_OF_TYPE } from "./controller-properties.ts";
import { type AccountDerived, underivedAccount } from "./derived.ts";
import { type AccountReview, NO_ACCOUNT_REVIEWED } from "./review.ts";

/** Why a platform does not want an account. */
export type RejectionReason = "fraud" | "terms_of_service" | "other";

/** What an account is, beside its id: what its row keeps in `data`. */
export interface AccountState {
  type: AccountType;
  controller: ControllerProperties;
  /** ISO 3166-1. */
  country: string;
  /** The platform that made it; null when nobody did. */
  createdBy: string | null;
  /** The mode it was made in: that of its people, and of what happens to it by itself. */
  livemode: boolean;
  /** Nothing is required of it, and everything enabled: a platform of this server. */
  exempt: boolean;
  /** The id of the person it is, where its business type is `individual` and something is known of that person. */
  individualId: string | null;
  /** What it was told of itself, hash by hash as the parameters name them; without what is never shown. */
  given: JsonObject;
  derived: AccountDerived;
  review: AccountReview;
  rejection: { reason: RejectionReason; pausesPayouts: boolean } | null;
}

const UNTOLD: Omit<AccountState, "derived"> = {
  type: "standard",
  controller: PROPERTIES_OF_TYPE.standard,
  country: "US",
  createdBy: null,
  livemode: false,
  exempt: false,
  individualId: null,
  given: {},
  review: NO_ACCOUNT_REVIEWED,
  rejection: null,
};

/** An account's state from its row; what the row does not say is as for a standard account of which nothing is known. */
export function readAccountState(data: JsonObject): AccountState {
  const kept = data as Partial<AccountState>;
  return { ...UNTOLD, ...kept, derived: kept.derived ?? underivedAccount() };
}

/** An account's state for its row. */
export function writeAccountState(state: AccountState): JsonObject {
  return { ...state } as unknown as JsonObject;
}
