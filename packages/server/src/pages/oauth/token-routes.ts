import { ApiError, HEADERS, OAuthError } from "@carabiner/protocol";
import type { FastifyReply, FastifyRequest } from "fastify";
import { authenticate, keyOf } from "../../api/authenticate.ts";
import type { ChangeContext } from "../../operations/operation.ts";
import { refreshed, tokensFor } from "../../resources/connections/access-tokens.ts";
import { modeOf, redeemCode } from "../../resources/connections/authorization-code.ts";
import { readScope } from "../../resources/connections/authorization-request.ts";
import { deauthorize } from "../../resources/connections/deauthorize.ts";
import type { ApplicationRow, Json } from "../../store/contract/rows.ts";
import type { Reads } from "../../store/contract/transaction.ts";
import { changeContext, type PageContext, type PageRoute } from "../page-context.ts";
import { bodyOf, textOf } from "../read-request.ts";

/** The OAuth calls of platforms' servers. Source: https://docs.stripe.com/connect/oauth-reference */
export const tokenRoutes: readonly PageRoute[] = [
  {
    method: "POST",
    path: "/oauth/token",
    byServers: true,
    handle: (context, request, reply) => asPlatform(context, request, reply, token),
  },
  {
    method: "POST",
    path: "/oauth/deauthorize",
    byServers: true,
    handle: (context, request, reply) =>
      asPlatform(context, request, reply, async (change, application, given) => {
        const clientId = required(given, "client_id");
        const account = required(given, "stripe_user_id");
        if (clientId !== application.id)
          throw new OAuthError("client_not_yours", { value: clientId.slice(0, 64), mode: modeOf(application) });
        await deauthorize(change, application, account);
        return { stripe_user_id: account };
      }),
  },
];

type Given = Readonly<Record<string, unknown>>;

/** Runs a platform's call in one transaction. A returned refusal keeps its changes; a thrown one changes nothing. */
async function asPlatform(
  context: PageContext,
  request: FastifyRequest,
  reply: FastifyReply,
  run: (change: ChangeContext, application: ApplicationRow, given: Given, request: FastifyRequest) => Promise<object | OAuthError>,
): Promise<FastifyReply> {
  const given = bodyOf(request, context.limits);
  const key = keyGiven(request, given);
  const address = context.clientAddress(request);
  const unproved = context.rates.admitKey(key, address, context.clock.wallNow());
  const answer = await context.store.transaction(async (tx) => {
    const application = await platformOf(tx, key, context.clock.now());
    return run(changeContext(context, tx, application.livemode, request.id), application, given, request);
  });
  if (unproved) context.rates.proveKey(key, address, context.clock.wallNow());
  if (answer instanceof OAuthError) throw answer;
  return reply
    .headers({ "content-type": "application/json", "cache-control": "no-store" })
    .send(Buffer.from(JSON.stringify(answer, null, 2)));
}

async function token(change: ChangeContext, application: ApplicationRow, given: Given, request: FastifyRequest) {
  const grantType = required(given, "grant_type");
  switch (grantType) {
    case "authorization_code": {
      const code = required(given, "code");
      const key = request.headers[HEADERS.idempotencyKey];
      const redeemed = await redeemCode(change, { application, code, idempotencyKey: typeof key === "string" ? key : null });
      return redeemed instanceof OAuthError ? redeemed : tokensFor(change, redeemed.connection, redeemed.scope);
    }
    case "refresh_token": {
      const refreshToken = required(given, "refresh_token");
      return refreshed(change, { application, refreshToken, scope: readScope(given.scope as Json | undefined) });
    }
    default:
      throw new OAuthError("grant_type_unsupported", { value: grantType.slice(0, 64) });
  }
}

/** The secret key of a platform's call. */
function keyGiven({ headers: { authorization } }: FastifyRequest, given: Given): string {
  const secret = textOf(given, "client_secret");
  if (authorization === undefined && secret === undefined) throw new OAuthError("key_missing");
  try {
    return authorization === undefined ? (secret ?? "") : keyOf(authorization);
  } catch (thrown) {
    return refuseKey(thrown);
  }
}

/** The application of the platform with this secret key, in the key's mode. */
async function platformOf(reads: Reads, key: string, now: number): Promise<ApplicationRow> {
  const { caller, account, application } = await authenticate(reads, { key, stripeAccount: undefined, now }).catch(refuseKey);
  if (account.id !== caller.id) throw new OAuthError("key_invalid", { reason: "it is an access token, not a platform's own key." });
  if (application === null) throw new OAuthError("platform_required");
  return application;
}

function refuseKey(thrown: unknown): never {
  throw thrown instanceof ApiError ? new OAuthError("key_invalid", { reason: thrown.message }) : thrown;
}

function required(given: Given, param: string): string {
  const value = textOf(given, param);
  if (value === undefined) throw new OAuthError("parameter_missing", { param });
  return value;
}
