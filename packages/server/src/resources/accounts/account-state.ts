import type { JsonObject } from "../../store/store.ts";
import { type AccountType, type ControllerProperties, PROPERTIES_OF_TYPE } from "./controller-properties.ts";

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
  /** Its id as a person, once something is known of that person. */
  individualId: string | null;
  /** Unix milliseconds. */
  individualCreated: number;
  /** What it was told of itself, hash by hash as the parameters name them; without what is never shown. */
  given: JsonObject;
  chargesEnabled: boolean;
  payoutsEnabled: boolean;
  detailsSubmitted: boolean;
  rejection: { reason: RejectionReason; pausesPayouts: boolean } | null;
}

const UNTOLD: AccountState = {
  type: "standard",
  controller: PROPERTIES_OF_TYPE.standard,
  country: "US",
  createdBy: null,
  individualId: null,
  individualCreated: 0,
  given: {},
  chargesEnabled: false,
  payoutsEnabled: false,
  detailsSubmitted: false,
  rejection: null,
};

/** An account's state from its row; what the row does not say is as for a standard account of which nothing is known. */
export function readAccountState(data: JsonObject): AccountState {
  return { ...UNTOLD, ...(data as Partial<AccountState>) };
}

/** An account's state for its row. */
export function writeAccountState(state: AccountState): JsonObject {
  return { ...state } as unknown as JsonObject;
}
