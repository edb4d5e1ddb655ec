import type { FastifyRequest } from "fastify";
import { defaultVersion } from "../../api/api-version.ts";
import { mayActFor } from "../../events/connection-access.ts";
import type { OperationContext } from "../../operations/operation.ts";
import { CHECKOUT_SESSION, type CheckoutSession, readSession } from "../../resources/checkout/checkout-session.ts";
import type { Reads, Transaction } from "../../store/contract/transaction.ts";
import { changeContext, type PageContext } from "../page-context.ts";

/** The session that an address names; null when there is none. Its id is the secret: whoever has the address may pay. */
export async function sessionAt(reads: Reads, request: FastifyRequest): Promise<CheckoutSession | null> {
  const { session = "" } = request.params as Record<string, string>;
  // What cannot be an id is not asked for: a database may refuse to look for it.
  if (!/^cs_\w+$/.test(session)) return null;
  const row = await reads.object(session);
  return row?.object === CHECKOUT_SESSION.object ? readSession(row) : null;
}

/**
 * What a payment on the page works with: it is made as whoever made the session would make it. Null when they may not any
 * more, because the account has gone or is no longer connected to the platform.
 */
export async function sessionContext(
  context: PageContext,
  tx: Transaction,
  request: FastifyRequest,
  { row, kept }: CheckoutSession,
): Promise<OperationContext | null> {
  const [account, caller] = [await tx.account(row.accountId), await tx.account(kept.callerId)];
  if (account === null || account.deleted || caller === null || caller.deleted) return null;
  if (account.id !== caller.id && !mayActFor(await tx.connections(caller.id, account.id), row.livemode)) return null;
  return {
    ...changeContext(context, tx, row.livemode, request.id),
    account,
    caller,
    application: await tx.application(caller.id, row.livemode),
    apiVersion: defaultVersion(caller.apiVersion),
    clientIp: context.clientAddress(request),
    keyHint: "",
    keyHash: "",
    request: { id: request.id, idempotencyKey: null },
    upload: null,
  };
}
