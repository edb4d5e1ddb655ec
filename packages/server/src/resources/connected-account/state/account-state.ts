import type { JsonObject } from "../../../store/contract/rows.ts";
import { type Configured, NOT_CONFIGURED } from "./configured.ts";
import { type AccountType, type ControllerProperties, PROPERTIES_OF_TYPE } from "./controller-properties.ts";
import { type AccountDerived, underivedAccount } from "./derived.ts";
import { type AccountReview, NO_ACCOUNT_REVIEWED } from "./review.ts";

/** Why a platform rejects an account. */
export type RejectionReason = "fraud" | "terms_of_service" | "other";

/** An account without its id: what its row stores in `data`. */
export interface AccountState {
  type: AccountType;
  controller: ControllerProperties;
  /** ISO 3166-1. */
  country: string;
  /** The platform that created it; null when no platform did. */
  createdBy: string | null;
  /** The mode it was created in, which is also the mode of its persons and its scheduled changes. */
  livemode: boolean;
  /** Whether a link or a session was made for its user to provide what is required. */
  userOnboards: boolean;
  /** A platform of this server, without requirements and with everything enabled. */
  exempt: boolean;
  /** The id of its individual, if its business type is `individual` and that person has any data. */
  individualId: string | null;
  /** Its data, with the parameters' structure, without secrets. */
  given: JsonObject;
  derived: AccountDerived;
  review: AccountReview;
  rejection: { reason: RejectionReason; pausesPayouts: boolean } | null;
  configured: Configured;
}

const UNTOLD: Omit<AccountState, "derived"> = {
  type: "standard",
  controller: PROPERTIES_OF_TYPE.standard,
  country: "US",
  createdBy: null,
  livemode: false,
  userOnboards: false,
  exempt: false,
  individualId: null,
  given: {},
  review: NO_ACCOUNT_REVIEWED,
  rejection: null,
  configured: NOT_CONFIGURED,
};

/** An account's state from its row. Missing fields default to those of an empty standard account. */
export function readAccountState(data: JsonObject): AccountState {
  const kept = data as Partial<AccountState>;
  return { ...UNTOLD, ...kept, derived: kept.derived ?? underivedAccount() };
}

/** An account's state for its row. */
export function writeAccountState(state: AccountState): JsonObject {
  return { ...state } as unknown as JsonObject;
}
