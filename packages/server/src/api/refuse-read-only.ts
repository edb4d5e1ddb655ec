import { apiError } from "@carabiner/protocol";
import { mayActFor } from "../events/connection-access.ts";
import type { Reads } from "../store/contract/transaction.ts";
import type { Authentication } from "./authenticate.ts";

/**
 * The connected account that a call is about; null if there is none. `inPath` is the account that the path names, if
 * any.
 */
export function connectedAccountOf({ caller, account }: Authentication, inPath: string | undefined): string | null {
  const id = account.id === caller.id ? inPath : account.id;
  return id === undefined || id === caller.id ? null : id;
}

/**
 * Refuses a call that would change the connected account `id` if the platform has read-only access to it, by the scope
 * of its connection or of the access token.
 * Throws `connection_read_only`. Source: https://docs.stripe.com/connect/oauth-reference (`scope`)
 */
export async function refuseReadOnly(reads: Reads, { caller, livemode, readOnly }: Authentication, id: string): Promise<void> {
  const connections = await reads.connections(caller.id, id);
  const writable = connections.filter(({ scope }) => scope === "read_write");
  if (mayActFor(connections, livemode) && (readOnly || !mayActFor(writable, livemode)))
    throw apiError("connection_read_only", { account: id });
}
