import type { AccountRow } from "../../store/contract/rows.ts";
import { readAccountState } from "../connected-account/state/account-state.ts";

/**
 * Why a user cannot connect an existing account; null when it can be connected. Only accounts with the full Dashboard
 * have a user who decides. An account with the platform's own email address belongs to the platform.
 * Source: https://docs.stripe.com/connect/testing (connecting an existing account)
 */
export function connectRefusal(row: AccountRow, platform: AccountRow): string | null {
  if (row.id === platform.id) return "This is the platform's own account.";
  const state = readAccountState(row.data);
  if (state.controller.dashboard !== "full") return "Only an account with the full Dashboard can be connected: a Standard account.";
  const [email, theirs] = [emailOf(row), emailOf(platform)];
  if (email !== null && email === theirs)
    return `This account has the same email address as the platform, ${email}. Use one with another address.`;
  return null;
}

function emailOf({ data }: AccountRow): string | null {
  const { email } = readAccountState(data).given;
  return typeof email === "string" ? email.toLowerCase() : null;
}
