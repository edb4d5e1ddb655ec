import type { JsonObject } from "../../store/store.ts";
import { readAccountState, writeAccountState } from "./account-state.ts";
import { type AccountType, type ControllerProperties, PROPERTIES_OF_TYPE } from "./controller-properties.ts";

/** An account to be made. */
export interface NewAccount {
  /** Two letters of ISO 3166-1. */
  country: string;
  type: AccountType;
  /** Those of its type unless given; a type of `none` needs them. */
  controller?: ControllerProperties;
  businessName?: string;
  /** The platform that makes it. */
  createdBy?: string;
}

/** What the row of a new account keeps. */
export function newAccount({ country, type, controller, businessName, createdBy }: NewAccount): JsonObject {
  return writeAccountState({
    ...readAccountState({}),
    type,
    country,
    controller: controller ?? PROPERTIES_OF_TYPE[type === "none" ? "standard" : type],
    createdBy: createdBy ?? null,
    given: businessName === undefined ? {} : { business_profile: { name: businessName } },
  });
}
