import { apiError } from "@carabiner/protocol";
import type { FastifyRequest } from "fastify";
import { defaultVersion } from "../../api/api-version.ts";
import { mayActFor } from "../../events/connection-access.ts";
import type { OperationContext } from "../../operations/operation.ts";
import { CHECKOUT_SESSION, type CheckoutSession, readSession } from "../../resources/checkout/checkout-session.ts";
import type { Reads, Transaction } from "../../store/contract/transaction.ts";
import { changeContext, type PageContext } from "../page-context.ts";

/** The session in an address; null when it does not exist. Its id is the secret: anyone with the address may pay. */
export async function sessionAt(reads: Reads, request: FastifyRequest): Promise<CheckoutSession | null> {
  const { session = "" } = request.params as Record<string, string>;
  // Look up only possible ids: a database may reject others.
  if (!/^cs_\w+$/.test(session)) return null;
  const row = await reads.object(session);
  return row?.object === CHECKOUT_SESSION.object ? readSession(row) : null;
}

/**
 * The context for a payment on the page: it is made on behalf of the session's creator. Null when the creator may no
 * longer pay, because the account is gone or no longer connected to the platform.
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
    byOperator: false,
    checkMay: () => {
      throw apiError("secret_key_required");
    },
    clientIp: context.clientAddress(request),
    keyHint: "",
    keyHash: "",
    request: { id: request.id, idempotencyKey: null },
    upload: null,
  };
}
