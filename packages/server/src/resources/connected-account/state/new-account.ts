import { type AccountState, readAccountState } from "./account-state.ts";
import { type AccountType, type ControllerProperties, PROPERTIES_OF_TYPE } from "./controller-properties.ts";

/** The input of a new account. */
export interface NewAccount {
  /** Two letters of ISO 3166-1. */
  country: string;
  type: AccountType;
  /** Its type's properties by default; required for the type `none`. */
  controller?: ControllerProperties;
  businessName?: string;
  /** The platform that creates it. */
  createdBy?: string;
  livemode: boolean;
  /** Whether it has no requirements. */
  exempt?: boolean;
}

/** The state of a new account. */
export function newAccount({ country, type, controller, businessName, createdBy, livemode, exempt }: NewAccount): AccountState {
  return {
    ...readAccountState({}),
    type,
    country,
    controller: controller ?? PROPERTIES_OF_TYPE[type === "none" ? "standard" : type],
    createdBy: createdBy ?? null,
    livemode,
    exempt: exempt ?? false,
    given: businessName === undefined ? {} : { business_profile: { name: businessName } },
  };
}
