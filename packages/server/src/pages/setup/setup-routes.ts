import type { FastifyReply, FastifyRequest } from "fastify";
import { changeAccountWorld } from "../../resources/account-changes/change-account-world.ts";
import { type AccountWorld, readAccountWorld } from "../../resources/connected-account/state/account-world.ts";
import { followLink, linkBy } from "../../resources/connections/page-link.ts";
import { tellReturn } from "../../resources/connections/tell-return.ts";
import { testBankNumbers } from "../../resources/external-accounts/test-numbers/bank-numbers.ts";
import type { Reads } from "../../store/contract/transaction.ts";
import { changeContext, type PageContext, type PageRoute } from "../page-context.ts";
import { ownPath } from "../page-cookie.ts";
import { keepSession, type PageSession, pageSession } from "../page-session.ts";
import { bodyOf, textOf } from "../read-request.ts";
import { sendAway, sendPage, sendProblem } from "../send-page.ts";
import { type AskedField, askedSections, type Section } from "./asked-fields.ts";
import { fieldErrorOf, fillAccount } from "./fill-account.ts";
import { BANK_FIELDS, type FieldError, type FormEntries, parametersOfForm, roleConfirmed, testValue } from "./parameters-of-form.ts";
import { setupPage } from "./setup-page.ts";

/** The pages that an account link opens. Source: https://docs.stripe.com/connect/hosted-onboarding */
export const setupRoutes: readonly PageRoute[] = [
  { method: "GET", path: "/setup/:kind/:account/:secret", handle: arrive },
  { method: "GET", path: "/setup/:name", handle: show },
  { method: "POST", path: "/setup/:name", handle: receive },
];

/** Consumes a link. An expired or used one sends the user back for another. */
async function arrive(context: PageContext, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { account = "", secret = "" } = request.params as Record<string, string>;
  const followed = await context.store.transaction(async (tx) => {
    const link = await linkBy(tx, account, secret);
    if (link === null || link.state.purpose === "login") return null;
    const session = await followLink(changeContext(context, tx, link.row.livemode, request.id), link);
    return { session, refreshUrl: link.state.refreshUrl };
  });
  if (followed === null)
    return sendProblem(
      reply,
      404,
      "This link does not work",
      "This server does not know it. Go back to where you found it and ask for another one.",
    );
  if (followed.session === null) return sendAway(reply, followed.refreshUrl ?? ownPath(context.settings, "/"));
  const path = `/setup/${followed.session.name}`;
  keepSession(context, reply, followed.session.cookie, path);
  return sendAway(reply, ownPath(context.settings, path));
}

/** The context of a session's page. */
interface Opened extends PageSession {
  world: AccountWorld;
  platform: string;
}

async function open(context: PageContext, reads: Reads, request: FastifyRequest): Promise<Opened | null> {
  const session = await pageSession(context, reads, request);
  if (session === null || session.state.purpose === "login") return null;
  const { row } = session;
  const [account, application] = [await reads.account(row.accountId), await reads.application(row.parent ?? "", row.livemode)];
  if (account === null || application === null) return null;
  return { ...session, world: await readAccountWorld(reads, account, context.limits), platform: application.name };
}

async function show(context: PageContext, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const opened = await context.store.read((reads) => open(context, reads, request));
  if (opened === null) return sendClosed(reply);
  const saved = (request.query as { text: string }).text === "saved";
  return send(reply, opened, { entered: known(opened), errors: [], saved, status: 200 });
}

async function receive(context: PageContext, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const given = bodyOf(request, context.limits);
  const opened = await context.store.read((reads) => open(context, reads, request));
  if (opened === null || !opened.isOwnForm(given.form_token)) return sendClosed(reply);
  const returnUrl = opened.state.returnUrl ?? ownPath(context.settings, "/");
  const action = textOf(given, "action");
  if (action === "leave") {
    await context.store.transaction(async (tx) => {
      const again = await open(context, tx, request);
      if (again !== null) await tellReturn(changeContext(context, tx, again.row.livemode, request.id), again, again.world);
    });
    return sendAway(reply, returnUrl);
  }
  if (action === "fill" && !opened.row.livemode)
    return send(reply, opened, { entered: testValues(opened), errors: [], saved: false, status: 200 });
  const sections = askedSections(opened.world, opened.state);
  const entered = enteredIn(given, sections);
  const ip = context.clientAddress(request);
  const acceptance = { date: Math.floor(context.clock.now() / 1_000), ...(ip === null ? {} : { ip }), ...agentOf(request) };
  const told = parametersOfForm(sections, entered, acceptance);
  if (!("account" in told)) return send(reply, opened, { entered, errors: told, saved: false, status: 422 });
  try {
    const left = await context.store.transaction(async (tx) => {
      const again = await open(context, tx, request);
      if (again === null) return null;
      const change = changeContext(context, tx, again.row.livemode, request.id);
      const after = await changeAccountWorld(change, again.world, await fillAccount(change, again.world, told));
      const asked = again.state.purpose === "account_update" ? 0 : askedSections(after, again.state).length;
      if (asked === 0) await tellReturn(change, again, after);
      return asked;
    });
    if (left === null) return sendClosed(reply);
    return sendAway(reply, left === 0 ? returnUrl : ownPath(context.settings, `/setup/${opened.state.name}?saved`));
  } catch (thrown) {
    const error = fieldErrorOf(thrown, new Set(fieldNames(sections)));
    return send(reply, opened, { entered, errors: [error], saved: false, status: 422 });
  }
}

interface Shown {
  entered: FormEntries;
  errors: readonly FieldError[];
  saved: boolean;
  status: number;
}

function send(reply: FastifyReply, opened: Opened, { entered, errors, saved, status }: Shown): FastifyReply {
  const { row, state, world, platform, formToken } = opened;
  const page = setupPage({
    world,
    platform,
    livemode: row.livemode,
    purpose: state.purpose === "account_update" ? "account_update" : "account_onboarding",
    sections: askedSections(world, state),
    entered,
    errors,
    saved,
    formToken,
  });
  return sendPage(reply, page, { status, ...(state.returnUrl === null ? {} : { formTargets: [state.returnUrl] }) });
}

function sendClosed(reply: FastifyReply): FastifyReply {
  return sendProblem(
    reply,
    403,
    "This page is closed",
    "It was opened in another browser, or too long ago. Go back to where you came from and ask for a new link. What you saved is kept.",
  );
}

/** The known values of the fields that may be changed. */
function known({ world, state }: Opened): FormEntries {
  const entered = new Map<string, string>();
  if (state.purpose !== "account_update") return entered;
  for (const { name, path, subject } of askedSections(world, state).flatMap(({ fields }) => fields)) {
    if (subject !== "account") continue;
    let value: unknown = world.state.given;
    for (const key of path.split("."))
      value = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
    if (typeof value === "string") entered.set(name, value);
  }
  return entered;
}

/** Every field with the value that passes in test mode. */
function testValues({ world, state }: Opened): FormEntries {
  const entered = new Map<string, string>();
  for (const one of askedSections(world, state).flatMap(({ fields }) => fields)) {
    if (one.name === "external_account") {
      const [bank] = testBankNumbers(world.state.country);
      if (bank !== undefined) entered.set(BANK_FIELDS[0], bank.number);
      if (bank?.routing !== undefined && bank.routing !== null) entered.set(BANK_FIELDS[1], bank.routing);
    } else {
      const value = testValue(world, one) ?? (isConfirmation(one) ? "true" : undefined);
      if (value !== undefined) entered.set(one.name, value);
    }
  }
  return entered;
}

const isConfirmation = ({ name }: AskedField): boolean => name.endsWith("tos_acceptance.date") || roleConfirmed(name) !== null;

/** The fields of the page's form. */
function fieldNames(sections: readonly Section[]): string[] {
  const names = sections.flatMap(({ fields }) => fields.map(({ name }) => name));
  return [...names, ...BANK_FIELDS, "business_profile.product_description"];
}

function enteredIn(given: Readonly<Record<string, unknown>>, sections: readonly Section[]): FormEntries {
  const entered = new Map<string, string>();
  for (const name of fieldNames(sections)) {
    const value = textOf(given, name);
    if (value !== undefined) entered.set(name, value);
  }
  return entered;
}

const agentOf = ({ headers }: FastifyRequest): { user_agent?: string } =>
  headers["user-agent"] === undefined ? {} : { user_agent: headers["user-agent"].slice(0, 500) };
