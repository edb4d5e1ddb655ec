/**
 * Events about the connection to an account, whole and thin. Source: https://docs.stripe.com/connect/webhooks
 */
export const AUTHORIZED = "account.application.authorized";
export const DEAUTHORIZED = "account.application.deauthorized";
export const THIN_AUTHORIZED = `v1.${AUTHORIZED}`;
export const THIN_DEAUTHORIZED = `v1.${DEAUTHORIZED}`;
/**
 * The account is gone permanently. The event exists only in this form, and also comes to the platform's own endpoints.
 */
export const ACCOUNT_CLOSED = "v2.core.account.closed";

const CHANGES: ReadonlyMap<string, "authorized" | "deauthorized"> = new Map([
  [AUTHORIZED, "authorized"],
  [THIN_AUTHORIZED, "authorized"],
  [DEAUTHORIZED, "deauthorized"],
  [THIN_DEAUTHORIZED, "deauthorized"],
  [ACCOUNT_CLOSED, "deauthorized"],
]);

/** What an event of a type says about the connection to its account; null for all other types. */
export function connectionAfter(type: string): "authorized" | "deauthorized" | null {
  return CHANGES.get(type) ?? null;
}
