import { hashOf } from "../../operations/merge-change.ts";
import type { AccountState } from "../connected-account/state/account-state.ts";
import type { AccountChange } from "./change-account.ts";

/** The parameters of a new account, with the platform's default category if they do not set one. */
export function withDefaultMcc(told: AccountChange, { given }: AccountState): AccountChange {
  const { mcc } = hashOf(given.business_profile);
  if (typeof mcc !== "string" || told.business_profile?.mcc !== undefined) return told;
  return { ...told, business_profile: { ...told.business_profile, mcc } };
}
