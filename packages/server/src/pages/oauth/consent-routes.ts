import { ApiError, apiError, HEADERS, OAuthError } from "@carabiner/protocol";
import type { FastifyReply, FastifyRequest } from "fastify";
import { authenticate } from "../../api/authenticate.ts";
import { RateLimited } from "../../api/rate-limits.ts";
import { hashOf } from "../../operations/merge-change.ts";
import type { ChangeContext } from "../../operations/operation.ts";
import { readTextFormat } from "../../operations/text-format.ts";
import type { AccountChange } from "../../resources/accounts/change-account.ts";
import { readAccountState } from "../../resources/connected-account/state/account-state.ts";
import { issueCode } from "../../resources/connections/authorization-code.ts";
import { type AuthorizationRequest, readAuthorizationRequest, redirectWith } from "../../resources/connections/authorization-request.ts";
import { connectRefusal } from "../../resources/connections/connectable.ts";
import { openAccount } from "../../resources/connections/open-account.ts";
import { type Prefill, prefillFor, readPrefill, readSuggestedCapabilities } from "../../resources/connections/prefill.ts";
import type { AccountRow, Json } from "../../store/contract/rows.ts";
import type { Reads } from "../../store/contract/transaction.ts";
import { formToken, isBrowserId, isOwnForm, newBrowserId } from "../form-token.ts";
import { changeContext, type PageContext, type PageRoute } from "../page-context.ts";
import { cookiesOf, type PageCookie, setCookie } from "../page-cookie.ts";
import { bodyOf, queryOf, textOf } from "../read-request.ts";
import { sendAway, sendPage, sendProblem } from "../send-page.ts";
import { type Choice, type Consent, type ConsentEntries, consentPage } from "./consent-page.ts";

/** Shows the form again, with its errors. */
class FormRefused extends Error {
  readonly field: keyof ConsentEntries;
  constructor(field: keyof ConsentEntries, message: string) {
    super(message);
    this.field = field;
  }
}

/** Identifies browsers on the consent page. The page is the same for all, so the cookie ties a form to its browser. */
const COOKIE: PageCookie = { name: "carabiner_consent", scope: "host" };

/**
 * The pages a platform sends a user to. Errors of the link are answered as JSON, without a redirect, because the
 * redirect's address may be the error. Source: https://docs.stripe.com/connect/oauth-reference (GET /oauth/authorize)
 */
export const consentRoutes: readonly PageRoute[] = (["/oauth/authorize", "/express/oauth/authorize"] as const).flatMap((path) => {
  const express = path.startsWith("/express");
  return [
    { method: "GET", path, handle: (context, request, reply) => ask(context, request, reply, express) },
    { method: "POST", path, handle: (context, request, reply) => answer(context, request, reply, express) },
  ] satisfies PageRoute[];
});

async function ask(context: PageContext, request: FastifyRequest, reply: FastifyReply, express: boolean): Promise<FastifyReply> {
  const query = queryOf(request, context.limits);
  const asked = await context.store.read((reads) => readAuthorizationRequest(reads, query, express));
  const { email, businessName, country } = prefillOf(query);
  const entered: ConsentEntries = { email, business_name: businessName, country };
  return show(context, request, reply, { asked, express, entered, errors: [], status: 200 });
}

async function answer(context: PageContext, request: FastifyRequest, reply: FastifyReply, express: boolean): Promise<FastifyReply> {
  const query = queryOf(request, context.limits);
  const given = bodyOf(request, context.limits);
  const asked = await context.store.read((reads) => readAuthorizationRequest(reads, query, express));
  const browser = browserOf(context, request);
  if (browser === undefined || !isOwnForm(context.secret, browser, request.url, given.form_token))
    return sendProblem(
      reply,
      403,
      "This form has expired",
      "It was not sent from its own page, or your browser does not keep cookies. Go back to where you came from and start again.",
      asked.application.livemode,
    );
  const { redirectUri, state, scope } = asked;
  if (textOf(given, "action") === "deny")
    return sendAway(reply, redirectWith(redirectUri, { error: "access_denied", error_description: "The user denied your request", state }));
  const entered: ConsentEntries = {
    account: textOf(given, "account"),
    key: textOf(given, "key"),
    email: textOf(given, "email"),
    business_name: textOf(given, "business_name"),
    country: textOf(given, "country"),
  };
  const address = context.clientAddress(request);
  const tried = textOf(given, "action") === "connect" ? entered.key : undefined;
  try {
    const unproved = tried !== undefined && context.rates.admitKey(tried, address, context.clock.wallNow());
    const code = await context.store.transaction(async (tx) => {
      const change = changeContext(context, tx, asked.application.livemode, request.id);
      const account = await accountOf(change, asked, {
        express,
        entered,
        action: textOf(given, "action"),
        prefill: prefillOf(query),
        suggested: readSuggestedCapabilities(query.suggested_capabilities as Json | undefined),
      });
      return issueCode(change, { application: asked.application, account, scope: express ? "read_write" : scope });
    });
    if (unproved) context.rates.proveKey(tried, address, context.clock.wallNow());
    return sendAway(reply, redirectWith(redirectUri, { code, scope: express ? "read_write" : scope, state }));
  } catch (thrown) {
    if (thrown instanceof RateLimited) reply.header(HEADERS.retryAfter, thrown.retryAfterSeconds);
    const status = thrown instanceof RateLimited ? thrown.status : 422;
    return show(context, request, reply, { asked, express, entered, errors: refusalsOf(thrown), status });
  }
}

interface Decision {
  suggested: AccountChange["capabilities"];
  express: boolean;
  entered: ConsentEntries;
  action: string | undefined;
  prefill: Prefill;
}

/** The account that the user chose or makes. */
async function accountOf(
  change: ChangeContext,
  { application }: AuthorizationRequest,
  { express, entered, action, prefill, suggested }: Decision,
): Promise<AccountRow> {
  const platform = await change.tx.account(application.accountId);
  if (platform === null) throw new Error(`application ${application.id} belongs to no account`);
  if (action === "connect" && !express) {
    const account = await named(change, entered);
    const refusal = connectRefusal(account, platform);
    if (refusal !== null) throw new FormRefused(entered.key === undefined ? "account" : "key", refusal);
    return account;
  }
  const skipped = action === "skip" && !application.livemode;
  if (!skipped && action !== "create") throw new OAuthError("form_malformed", { reason: "its action is unknown" });
  const from: ConsentEntries = skipped ? { email: prefill.email, business_name: prefill.businessName, country: prefill.country } : entered;
  if (!skipped && from.email === undefined) throw new FormRefused("email", "Enter an email address.");
  if (from.email !== undefined && "error" in readTextFormat("email", from.email))
    throw apiError("email_invalid", { value: from.email, param: "email" });
  const country = from.country?.toUpperCase() ?? readAccountState(platform.data).country;
  const told = prefillFor(prefill.told, country, change.now);
  const profile = hashOf(told.business_profile as Json | undefined);
  return openAccount(change, {
    type: express ? "express" : "standard",
    ...(express ? { createdBy: platform.id } : {}),
    country,
    told: {
      ...told,
      ...(express && suggested !== undefined ? { capabilities: suggested } : {}),
      ...(from.email === undefined ? {} : { email: from.email }),
      business_profile: { ...profile, ...(from.business_name === undefined ? {} : { name: from.business_name }) },
    },
  });
}

/**
 * The existing account that the user acts for: picking it may be enough, otherwise the user proves it with its secret
 * key.
 */
async function named({ tx, now, livemode, settings }: ChangeContext, entered: ConsentEntries): Promise<AccountRow> {
  const { key, account: picked } = entered;
  const shown = key ?? picked;
  if (shown === undefined)
    throw new FormRefused("key", settings.pickAccounts ? "Choose an account." : "Enter the secret key of the account.");
  if (shown.startsWith("acct_") && settings.pickAccounts) {
    const row = await tx.account(shown);
    if (row === null || row.deleted) throw new FormRefused("key", "This account does not exist.");
    return row;
  }
  const proved = await authenticate(tx, { key: shown, stripeAccount: undefined, now }).catch((thrown: unknown) => {
    if (thrown instanceof ApiError) throw new FormRefused("key", "This is not the secret key of an account on this server.");
    throw thrown;
  });
  if (proved.account.id !== proved.caller.id)
    throw new FormRefused("key", "This is an access token. Use one of the account's own secret keys.");
  if (proved.livemode !== livemode)
    throw new FormRefused(
      "key",
      `This is a ${proved.livemode ? "live" : "test"} mode key. Use the account's ${livemode ? "live" : "test"} mode key.`,
    );
  return proved.account;
}

/** The errors of a refusal that the form can show. Other errors are rethrown. */
function refusalsOf(thrown: unknown): Consent["errors"] {
  if (thrown instanceof FormRefused) return [{ field: thrown.field, message: thrown.message }];
  if (thrown instanceof RateLimited)
    return [{ field: "key", message: `Too many keys have been tried from this address. Try again in ${thrown.retryAfterSeconds} s.` }];
  if (thrown instanceof ApiError && (thrown.param === "email" || thrown.param === "country"))
    return [{ field: thrown.param, message: thrown.message }];
  throw thrown;
}

async function show(
  context: PageContext,
  request: FastifyRequest,
  reply: FastifyReply,
  { status, ...shown }: Pick<Consent, "express" | "entered" | "errors"> & { asked: AuthorizationRequest; status: number },
): Promise<FastifyReply> {
  const { settings, secret, ids, store } = context;
  const { asked, express, entered } = shown;
  const known = browserOf(context, request);
  const browser = known ?? newBrowserId(secret, ids);
  if (known === undefined) setCookie(reply, settings, COOKIE, browser, "/");
  const { choices, country } = await store.read(async (reads) => ({
    choices: express || !settings.pickAccounts ? [] : await choicesOf(reads, asked, context.limits.listItems),
    country: await platformCountry(reads, asked),
  }));
  const page = consentPage({
    ...shown,
    choices,
    mayPick: settings.pickAccounts,
    entered: { ...entered, country: entered.country ?? country },
    // The token is for exactly this request: its address contains what the platform asks for and has filled in.
    formToken: formToken(secret, browser, request.url),
  });
  return sendPage(reply, page, { status, formTargets: [asked.redirectUri] });
}

/** This browser's id; undefined when it has no cookie of ours. Cookies set by others are skipped. */
function browserOf({ settings, secret }: PageContext, request: FastifyRequest): string | undefined {
  return cookiesOf(request, settings, COOKIE).find((value) => isBrowserId(secret, value));
}

/** The most accounts shown: a longer list is not a useful choice. */
const CHOICES_SHOWN = 6;

async function choicesOf(reads: Reads, { application }: AuthorizationRequest, limit: number): Promise<Choice[]> {
  const platform = await reads.account(application.accountId);
  if (platform === null) return [];
  const { rows } = await reads.accounts({ limit });
  const choices: Choice[] = [];
  for (const row of rows) {
    if (choices.length === CHOICES_SHOWN) break;
    const { given, country, exempt } = readAccountState(row.data);
    // Platforms can be connected to other platforms, but few want that. They can be named, but are not listed.
    if (exempt || connectRefusal(row, platform) !== null) continue;
    const name = hashOf(given.business_profile).name ?? given.email ?? "An account without a name";
    const connections = await reads.connections(platform.id, row.id);
    choices.push({
      id: row.id,
      name: String(name),
      about: [...(given.email === undefined || given.email === name ? [] : [String(given.email)]), row.id, country].join(" · "),
      connected: connections.some(({ livemode }) => livemode === application.livemode),
    });
  }
  return choices;
}

async function platformCountry(reads: Reads, { application }: AuthorizationRequest): Promise<string> {
  const platform = await reads.account(application.accountId);
  return platform === null ? "US" : readAccountState(platform.data).country;
}

const prefillOf = (query: Readonly<Record<string, unknown>>): Prefill => readPrefill(query.stripe_user as Json | undefined);
