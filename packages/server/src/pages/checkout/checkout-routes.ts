import { ApiError } from "@carabiner/protocol";
import type { FastifyReply, FastifyRequest } from "fastify";
import type Stripe from "stripe";
import { cutText } from "../../operations/cut-text.ts";
import { hashOf } from "../../operations/merge-change.ts";
import { readTextFormat } from "../../operations/text-format.ts";
import { applyCode } from "../../resources/checkout/apply-code.ts";
import type { CheckoutSession } from "../../resources/checkout/checkout-session.ts";
import { successUrlOf } from "../../resources/checkout/new-session.ts";
import { type CustomerTold, checkOpen, type PaidWith, paySession } from "../../resources/checkout/pay-session.ts";
import { readAccountState } from "../../resources/connected-account/state/account-state.ts";
import type { Reads } from "../../store/contract/transaction.ts";
import { formToken, isBrowserId, isOwnForm, newBrowserId } from "../form-token.ts";
import type { PageContext, PageRoute } from "../page-context.ts";
import { cookiesOf, type PageCookie, setCookie } from "../page-cookie.ts";
import { bodyOf, textOf } from "../read-request.ts";
import { sendAway, sendPage, sendProblem } from "../send-page.ts";
import { CHECKOUT_FIELDS, type Checkout, type CheckoutField, checkoutPage, needsCard, type Typed } from "./checkout-page.ts";
import { sessionAt, sessionContext } from "./session-context.ts";
import { toldCard } from "./told-card.ts";

/** The page of a Checkout Session. Source: https://docs.stripe.com/payments/checkout */
export const checkoutRoutes: readonly PageRoute[] = [
  { method: "GET", path: "/checkout/:session", handle: show },
  { method: "POST", path: "/checkout/:session", handle: receive },
];

/** Ties a form to its browser. */
const COOKIE: PageCookie = { name: "carabiner_checkout", scope: "page" };

/** The longest text of a field: a name or an email. */
const FIELD_CHARS = 512;

async function show(context: PageContext, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const opened = await context.store.read((reads) => open(context, reads, request));
  if (!("session" in opened)) return sendClosed(reply, opened.closed);
  return send(context, request, reply, opened, { typed: {}, errors: [], status: 200 });
}

async function receive(context: PageContext, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const given = bodyOf(request, context.limits);
  const opened = await context.store.read((reads) => open(context, reads, request));
  if (!("session" in opened)) {
    // A form that is sent twice pays once.
    if (opened.closed === "complete" && opened.successUrl !== null) return sendAway(reply, opened.successUrl);
    return sendClosed(reply, opened.closed);
  }
  const { session } = opened;
  const browser = browserOf(context, request);
  if (browser === undefined || !isOwnForm(context.secret, browser, session.row.id, given.form_token))
    return sendProblem(
      reply,
      403,
      "This form has gone stale",
      "It was not sent from the page it belongs to, or your browser keeps no cookies. Nothing was paid. Open the link again.",
      session.row.livemode,
    );
  const action = textOf(given, "action");
  const { cancel_url } = session.shown;
  if (action === "cancel" && cancel_url !== null) return sendAway(reply, cancel_url);
  const typed = typedIn(given);
  const refused = (errors: Checkout["errors"], session = opened.session) =>
    send(context, request, reply, { ...opened, session }, { typed, errors, status: 422 });
  const attempt = readAttempt(session, typed, context.clock.now());
  if (action !== "apply" && Array.isArray(attempt)) return refused(attempt);
  try {
    const result = await context.store.transaction(async (tx) => {
      const again = await sessionAt(tx, request);
      const operation = again === null ? null : await sessionContext(context, tx, request, again);
      if (again === null || operation === null) return null;
      checkOpen(operation, again);
      if (action === "apply")
        return { session: await applyCode(operation, again, typed.promotion_code ?? "", "promotion_code"), refusal: null, paid: false };
      const { paidWith, told } = attempt as Attempt;
      return { ...(await paySession(operation, again, paidWith, told)), paid: true };
    });
    if (result === null) return sendClosed(reply, "gone");
    if (result.refusal !== null) return refused([errorOf(result.refusal)], result.session);
    if (result.paid) return sendAway(reply, successUrlOf(result.session.shown));
    return send(context, request, reply, { ...opened, session: result.session }, { typed, errors: [], status: 200 });
  } catch (thrown) {
    if (!(thrown instanceof ApiError)) throw thrown;
    return refused([errorOf(thrown)]);
  }
}

type Closed = "complete" | "expired" | "gone" | "unknown";

interface Opened {
  session: CheckoutSession;
  seller: string;
}

/** The context of a session's page, or the reason why the page is gone. */
async function open(
  context: PageContext,
  reads: Reads,
  request: FastifyRequest,
): Promise<Opened | { closed: Closed; successUrl: string | null }> {
  const session = await sessionAt(reads, request);
  if (session === null) return { closed: "unknown", successUrl: null };
  const { shown, row } = session;
  if (shown.status === "complete") return { closed: "complete", successUrl: successUrlOf(shown) };
  if (shown.status !== "open" || shown.expires_at * 1_000 <= context.clock.now()) return { closed: "expired", successUrl: null };
  const account = await reads.account(row.accountId);
  if (account === null || account.deleted) return { closed: "gone", successUrl: null };
  const { given } = readAccountState(account.data);
  const application = await reads.application(row.accountId, row.livemode);
  const name = hashOf(given.business_profile).name ?? application?.name ?? given.email ?? row.accountId;
  return { session, seller: String(name) };
}

interface Attempt {
  paidWith: PaidWith;
  told: CustomerTold;
}

/** Reads what a customer typed. Returns what is wrong if it cannot be used. */
function readAttempt({ shown }: CheckoutSession, typed: Typed, now: number): Attempt | { field: CheckoutField; message: string }[] {
  const mistakes: { field: CheckoutField; message: string }[] = [];
  if (shown.customer === null && "error" in readTextFormat("email", typed.email ?? ""))
    mistakes.push({ field: "email", message: "Enter an email address." });
  if (shown.phone_number_collection?.enabled === true && !/^[+\d][\d\s().-]{4,19}$/.test(typed.phone ?? ""))
    mistakes.push({ field: "phone", message: "Enter a phone number." });
  const asksAddress = shown.billing_address_collection === "required" && needsCard(shown);
  if (asksAddress)
    for (const field of ["address_line1", "address_city"] as const)
      if (typed[field] === undefined) mistakes.push({ field, message: "This part of the address is missing." });
  if (needsCard(shown) && typed.name === undefined) mistakes.push({ field: "name", message: "Enter the name on the card." });
  const told: CustomerTold = {
    email: typed.email ?? shown.customer_email,
    name: typed.name ?? null,
    phone: typed.phone ?? null,
    address: asksAddress ? addressOf(typed) : null,
  };
  const card = needsCard(shown) ? toldCard(typed, told, now) : { payment_method: "" };
  if (Array.isArray(card)) return [...mistakes, ...card];
  return mistakes.length > 0 ? mistakes : { paidWith: card, told };
}

const addressOf = (typed: Typed): Stripe.Address => ({
  city: typed.address_city ?? null,
  country: typed.address_country ?? null,
  line1: typed.address_line1 ?? null,
  line2: null,
  postal_code: typed.address_postal_code ?? null,
  state: typed.address_state ?? null,
});

function typedIn(given: Readonly<Record<string, unknown>>): Typed {
  return Object.fromEntries(
    CHECKOUT_FIELDS.flatMap((name) => {
      const text = textOf(given, name);
      return text === undefined ? [] : [[name, cutText(text, FIELD_CHARS)]];
    }),
  );
}

/** The fields for errors of the API, by the end of their parameters. */
const FIELDS: readonly (readonly [ending: string, field: CheckoutField])[] = [
  ["[number]", "card_number"],
  ["[exp_month]", "card_expiry"],
  ["[exp_year]", "card_expiry"],
  ["[cvc]", "card_cvc"],
  ["email", "email"],
  ["promotion_code", "promotion_code"],
];

function errorOf({ message, param, type }: ApiError): Checkout["errors"][number] {
  const known = FIELDS.find(([ending]) => param?.endsWith(ending) === true)?.[1];
  return { field: known ?? (type === "card_error" ? "card_number" : null), message };
}

interface Sent {
  typed: Typed;
  errors: Checkout["errors"];
  status: number;
}

function send(
  context: PageContext,
  request: FastifyRequest,
  reply: FastifyReply,
  { session, seller }: Opened,
  { typed, errors, status }: Sent,
): FastifyReply {
  const { settings, secret, ids } = context;
  const { shown, kept, row } = session;
  const known = browserOf(context, request);
  const browser = known ?? newBrowserId(secret, ids);
  if (known === undefined) setCookie(reply, settings, COOKIE, browser, `/checkout/${row.id}`);
  const page = checkoutPage({
    session: shown,
    items: kept.items,
    seller,
    typed: { ...(shown.customer_email === null ? {} : { email: shown.customer_email }), ...typed },
    errors,
    formToken: formToken(secret, browser, row.id),
  });
  const formTargets = [successUrlOf(shown), ...(shown.cancel_url === null ? [] : [shown.cancel_url])];
  return sendPage(reply, page, { status, formTargets });
}

/** This browser's id; undefined when it has no cookie of ours. */
function browserOf({ settings, secret }: PageContext, request: FastifyRequest): string | undefined {
  return cookiesOf(request, settings, COOKIE).find((value) => isBrowserId(secret, value));
}

const CLOSED: Readonly<Record<Closed, readonly [status: number, title: string, text: string]>> = {
  complete: [410, "This has been paid", "You are done here. Nothing more is to be paid on this page."],
  expired: [410, "This page has expired", "Nothing was paid. Go back to where you came from and start again."],
  gone: [410, "This page is closed", "The business that asked for this payment can no longer accept it. Nothing was paid."],
  unknown: [404, "This link leads nowhere", "It is not known here. Go back to where you found it and ask for another."],
};

function sendClosed(reply: FastifyReply, closed: Closed): FastifyReply {
  const [status, title, text] = CLOSED[closed];
  return sendProblem(reply, status, title, text);
}
