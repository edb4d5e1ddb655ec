import { hashOf } from "../../../operations/merge-change.ts";
import type { AccountRow } from "../../../store/contract/rows.ts";
import { readAccountState } from "../state/account-state.ts";
import { derivedName } from "./render-account.ts";

/**
 * An account's name in a list: its business's name, its display name, or its user's email address; null without any of
 * these.
 */
export function accountName({ data }: Pick<AccountRow, "data">): string | null {
  const { given } = readAccountState(data);
  const names = [
    hashOf(given.business_profile).name,
    hashOf(hashOf(given.settings).dashboard).display_name,
    derivedName(given),
    given.email,
  ];
  return names.find((name) => typeof name === "string") ?? null;
}
