import { apiError } from "@carabiner/protocol";
import type { FastifyRequest } from "fastify";
import { turnOfAddress } from "../api/authenticate.ts";
import { isEncrypted } from "../api/is-encrypted.ts";
import { chosenPlatform, openOperator, openSession, type SessionCredential } from "../api/session-credential.ts";
import { keyHash } from "../resources/platforms/issue-keys.ts";
import { operatorOfKey, recordOperatorAct } from "../resources/platforms/manage-operators.ts";
import { onBehalfOf } from "../store/contract/on-behalf-of.ts";
import type { JsonObject, OperatorRow } from "../store/contract/rows.ts";
import type { Reads } from "../store/contract/transaction.ts";
import type { Store } from "../store/store.ts";
import { sessionCookie } from "./session-cookie.ts";
import { liveSince, type SessionRules, type SessionSource } from "./session-of.ts";

/** What recording an operator's acts needs. */
export interface OperatorSessionOptions extends SessionRules {
  store: Store;
  /** The client's address; null when its connection is closed. */
  clientAddress(request: FastifyRequest): string | null;
}

/** The same, with a store in which requests from one address share a turn. */
export function onBehalfOfAddress<Options extends OperatorSessionOptions>(options: Options, request: FastifyRequest): Options {
  return { ...options, store: onBehalfOf(options.store, turnOfAddress(options.clientAddress(request))) };
}

/**
 * The operator whose key was sent to sign in. A key that arrived unencrypted is not even looked up. Throws
 * `sign_in_not_encrypted`, `operator_key_invalid` or `operator_key_expired`.
 */
export async function operatorSigningIn(reads: Reads, request: SessionSource, key: string, now: number): Promise<OperatorRow> {
  if (!isEncrypted(request)) throw apiError("sign_in_not_encrypted");
  return operatorOfKey(reads, key, now);
}

/**
 * The operator whose open session a request has; null for a request without a session, or with an account's session.
 * Throws `session_ended` once the operator's key has ended, and `sign_in_not_encrypted`.
 */
export async function operatorOf(reads: Reads, rules: SessionRules, request: SessionSource): Promise<OperatorRow | null> {
  const cookie = sessionCookie(request, rules.settings);
  const session = cookie === null ? null : await openSession(reads, { hash: keyHash(cookie), ...liveSince(rules) });
  if (session === null || session.operatorKey === null) return null;
  return openOperator(reads, session, isEncrypted(request), rules.clock.now());
}

/** Records that an operator signed in or out. */
export function recordSigning(
  { store, clock, clientAddress }: OperatorSessionOptions,
  request: FastifyRequest,
  act: "operator.signed_in" | "operator.signed_out",
  operator: OperatorRow,
): Promise<void> {
  return store.transaction((tx) => recordOperatorAct(tx, act, operator, { from: clientAddress(request), now: clock.now() }));
}

/**
 * Records a request in an operator's session that may change something, before it runs, even if it is refused
 * afterwards. A request that cannot be recorded does not run.
 */
export async function recordChanging(options: OperatorSessionOptions, session: SessionCredential, request: FastifyRequest): Promise<void> {
  if (session.kind !== "stored") return;
  const { store, clock, limits, clientAddress } = onBehalfOfAddress(options, request);
  const now = clock.now();
  const asked = await store.read(async (reads) => {
    const row = await openSession(reads, session);
    const operator = row === null || row.operatorKey === null ? null : await reads.operatorByHash(row.operatorKey);
    if (operator === null) return null;
    return { operator, accountId: session.platform === null ? null : await chosenPlatform(reads, session.platform) };
  });
  if (asked === null) return;
  const detail: JsonObject = {
    livemode: session.livemode,
    method: request.method,
    path: (request.url.split("?", 1)[0] ?? "").slice(0, limits.requestPathChars),
    request: request.id,
  };
  const { operator, accountId } = asked;
  await store.transaction((tx) =>
    recordOperatorAct(tx, "operator.requested", operator, { from: clientAddress(request), now, accountId, detail }),
  );
}
