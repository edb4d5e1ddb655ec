import type { FastifyReply, FastifyRequest } from "fastify";
import { hashOf } from "../../operations/merge-change.ts";
import { changeAccountWorld } from "../../resources/account-changes/change-account-world.ts";
import { type BalanceState, pendingOf, readBalance } from "../../resources/balance/balance-state.ts";
import { type AccountWorld, externalAccountsIn, readAccountWorld } from "../../resources/connected-account/state/account-world.ts";
import { followLink, linkBy } from "../../resources/connections/page-link.ts";
import { testBankNumbers } from "../../resources/external-accounts/test-numbers/bank-numbers.ts";
import { PAYOUT, type PayoutState } from "../../resources/payouts/payout-state.ts";
import type { Reads } from "../../store/contract/transaction.ts";
import { changeContext, type PageContext, type PageRoute } from "../page-context.ts";
import { ownPath } from "../page-cookie.ts";
import { keepSession, type PageSession, pageSession } from "../page-session.ts";
import { bodyOf, textOf } from "../read-request.ts";
import { sendAway, sendPage, sendProblem } from "../send-page.ts";
import { fieldErrorOf, withBankAccount } from "../setup/fill-account.ts";
import { BANK_FIELDS, type FieldError } from "../setup/parameters-of-form.ts";
import { type Express, expressPage } from "./express-page.ts";

/** The pages that a login link opens. Source: https://docs.stripe.com/connect/integrate-express-dashboard */
export const expressRoutes: readonly PageRoute[] = [
  { method: "GET", path: "/express/:account/:secret", handle: arrive },
  { method: "GET", path: "/express/:name", handle: (context, request, reply) => show(context, request, reply, []) },
  { method: "POST", path: "/express/:name", handle: receive },
];

/** How many payouts are shown: the page is for a glance, not for searches. */
const PAYOUTS_SHOWN = 10;

async function arrive(context: PageContext, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { account = "", secret = "" } = request.params as Record<string, string>;
  const session = await context.store.transaction(async (tx) => {
    const link = await linkBy(tx, account, secret);
    if (link === null || link.state.purpose !== "login") return null;
    return followLink(changeContext(context, tx, link.row.livemode, request.id), link);
  });
  if (session === null)
    return sendProblem(
      reply,
      404,
      "This link does not work",
      "It has been used, or it has expired. Go back to where you found it and ask for another one.",
    );
  const path = `/express/${session.name}`;
  keepSession(context, reply, session.cookie, path);
  return sendAway(reply, ownPath(context.settings, path));
}

interface Opened extends Omit<Express, "errors" | "saved"> {
  world: AccountWorld;
  isOwnForm: PageSession["isOwnForm"];
}

async function open(context: PageContext, reads: Reads, request: FastifyRequest): Promise<Opened | null> {
  const now = context.clock.now();
  const session = await pageSession(context, reads, request);
  if (session === null || session.state.purpose !== "login") return null;
  const { accountId, livemode, parent } = session.row;
  const [row, application] = [await reads.account(accountId), await reads.application(parent ?? "", livemode)];
  if (row === null || application === null) return null;
  const world = await readAccountWorld(reads, row, context.limits);
  const payouts = await reads.objects({ object: PAYOUT, accountId, livemode }, { limit: PAYOUTS_SHOWN });
  const { given, country } = world.state;
  return {
    id: accountId,
    name: String(hashOf(given.business_profile).name ?? given.email ?? "Your account"),
    state: world.state,
    world,
    platform: application.name,
    livemode,
    balance: fundsOf(await readBalance(reads, accountId, livemode, now)),
    externalAccounts: externalAccountsIn(world, livemode),
    payouts: payouts.rows.map(({ id, data }) => ({ id, state: data as unknown as PayoutState })),
    testBank: testBankNumbers(country)[0],
    formToken: session.formToken,
    isOwnForm: session.isOwnForm,
  };
}

function fundsOf({ funds }: BalanceState): Express["balance"] {
  return Object.entries(funds).map(([currency, ofTypes]) => {
    const all = Object.values(ofTypes);
    return {
      currency,
      available: all.reduce((sum, { available }) => sum + available, 0),
      pending: all.reduce((sum, one) => sum + pendingOf(one), 0),
    };
  });
}

async function show(
  context: PageContext,
  request: FastifyRequest,
  reply: FastifyReply,
  errors: readonly FieldError[],
): Promise<FastifyReply> {
  const opened = await context.store.read((reads) => open(context, reads, request));
  if (opened === null) return sendClosed(reply);
  const saved = (request.query as { text: string }).text === "saved" && errors.length === 0;
  return sendPage(reply, expressPage({ ...opened, errors, saved }), { status: errors.length === 0 ? 200 : 422 });
}

/** Adds another bank account. With Express, the user and not the platform chooses where payouts go. */
async function receive(context: PageContext, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const given = bodyOf(request, context.limits);
  const [number, routing] = BANK_FIELDS;
  const routingNumber = textOf(given, routing);
  const bank = { account_number: textOf(given, number) ?? "", ...(routingNumber === undefined ? {} : { routing_number: routingNumber }) };
  try {
    const done = await context.store.transaction(async (tx) => {
      const opened = await open(context, tx, request);
      if (opened === null || !opened.isOwnForm(given.form_token)) return false;
      const change = changeContext(context, tx, opened.livemode, request.id);
      await changeAccountWorld(change, opened.world, await withBankAccount(change, opened.world, bank, "replace"));
      return true;
    });
    const { name = "" } = request.params as Record<string, string>;
    return done ? sendAway(reply, ownPath(context.settings, `/express/${name}?saved`)) : sendClosed(reply);
  } catch (thrown) {
    return show(context, request, reply, [fieldErrorOf(thrown, new Set(BANK_FIELDS))]);
  }
}

function sendClosed(reply: FastifyReply): FastifyReply {
  return sendProblem(
    reply,
    403,
    "This page is closed",
    "It was opened in another browser, or too long ago. Go back to where you came from and ask for a new link.",
  );
}
