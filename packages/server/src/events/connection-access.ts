import type { ConnectionRow } from "../store/contract/rows.ts";

/**
 * Whether a platform's key may act for an account, by the platform's connections to it: a live key needs a connection
 * made in live mode, a test key one of either mode. Source: https://docs.stripe.com/connect/authentication
 */
export function mayActFor(connections: readonly Pick<ConnectionRow, "livemode">[], livemode: boolean): boolean {
  return connections.some((connection) => connection.livemode || !livemode);
}
