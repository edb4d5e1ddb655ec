import { apiError } from "@carabiner/protocol";
import { mayActFor } from "../events/connection-access.ts";
import type { Reads } from "../store/contract/transaction.ts";
import type { Authentication } from "./authenticate.ts";

/**
 * Refuses a call that would change a connected account to which the platform has read-only access, by the scope of its
 * connection or of the access token. `inPath` is the account that the path names, if any.
 * Throws `connection_read_only`. Source: https://docs.stripe.com/connect/oauth-reference (`scope`)
 */
export async function refuseReadOnly(reads: Reads, authentication: Authentication, inPath: string | undefined): Promise<void> {
  const { caller, account, livemode, readOnly } = authentication;
  const id = account.id === caller.id ? inPath : account.id;
  if (id === undefined || id === caller.id) return;
  const connections = await reads.connections(caller.id, id);
  const writable = connections.filter(({ scope }) => scope === "read_write");
  if (mayActFor(connections, livemode) && (readOnly || !mayActFor(writable, livemode)))
    throw apiError("connection_read_only", { account: id });
}
