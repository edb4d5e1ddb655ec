import type { EventDraft } from "../../events/event-draft.ts";
import { previousAttributes } from "../../events/previous-attributes.ts";
import type { ThinDraft } from "../../events/record-thin-event.ts";
import { asJson } from "../../operations/as-json.ts";
import { hashOf } from "../../operations/merge-change.ts";
import type { ChangeContext } from "../../operations/operation.ts";
import type { AccountRow, ApplicationRow, JsonObject, ObjectRow } from "../../store/contract/rows.ts";
import { accountOfEvent } from "../connected-account/rendering/render-account.ts";
import { renderBalanceSettings } from "../connected-account/rendering/render-balance-settings.ts";
import { renderCapability } from "../connected-account/rendering/render-capability.ts";
import { renderExternalAccount } from "../connected-account/rendering/render-external-account.ts";
import { renderPerson } from "../connected-account/rendering/render-person.ts";
import { deriveWorld } from "../connected-account/requirements/derive-world.ts";
import { writeAccountState } from "../connected-account/state/account-state.ts";
import type { AccountWorld } from "../connected-account/state/account-world.ts";
import type { CapabilityName } from "../connected-account/state/capabilities.ts";
import type { CapabilityDerived } from "../connected-account/state/derived.ts";
import { type ExternalAccount, writeExternalAccount } from "../connected-account/state/external-account-state.ts";
import { type Person, writePerson } from "../connected-account/state/person-state.ts";
import { accountPersonEvents } from "./account-person-events.ts";
import { accountCreated, accountUpdated } from "./account-v2-events.ts";
import { applicationEvent } from "./application-event.ts";
import { hasNews } from "./capability-news.ts";
import { keepCustomer } from "./keep-customer.ts";
import { planPayoutsAnew } from "./plan-automatic-payouts.ts";
import { planOwnershipChecks } from "./plan-ownership-checks.ts";

/** The task that re-evaluates an account when a deadline or verification ends. */
export const ACCOUNT_TASK = "account";

/**
 * The only way to change an account, its persons, its external accounts, and the customer that the account is. Derives
 * the effects of the change, writes the differences, and records an event for each object with a visible difference:
 * persons and external accounts first, then the account, its capabilities, the customer, and last the v2 API's events
 * of the account. Plans the next evaluation. Returns the updated world.
 *
 * `before` is the world as read in this transaction, `after` the same with the change, without derived state.
 */
export async function changeAccountWorld(context: ChangeContext, before: AccountWorld, after: AccountWorld): Promise<AccountWorld> {
  const { world, nextChangeAt } = deriveWorld(after, context.now, context.limits);
  const drafts: (EventDraft | ThinDraft)[] = [
    ...(await keepPersons(context, before.persons, world)),
    ...(await keepExternalAccounts(context, before.externalAccounts, world)),
  ];
  const { customer, drafts: ofCustomer } = await keepCustomer(context, before.customer, world);
  const kept = { ...world, customer, row: { ...world.row, data: writeAccountState(world.state) } };
  await context.tx.updateAccount(kept.row);
  await planNextChange(context, kept, nextChangeAt);
  await planPayoutsAnew(context, before.state, kept);
  await context.record([
    ...drafts,
    ...accountUpdates(context, before, kept),
    ...capabilityUpdates(context.livemode, before, kept),
    ...balanceSettingsUpdates(context.livemode, before, kept),
    ...ofCustomer,
    accountUpdated(context.livemode, before, kept),
  ]);
  return kept;
}

/** How a new account is connected to the platform that creates it. */
interface MadeBy {
  application: ApplicationRow;
  /** Whether the platform controls it. */
  controller: boolean;
}

/**
 * Writes a new account with its related objects and its connection to the platform that creates it, if any, and records
 * the events. Returns the world with its derived state.
 */
export async function createAccountWorld(context: ChangeContext, made: AccountWorld, by: MadeBy | null): Promise<AccountWorld> {
  const { world, nextChangeAt } = deriveWorld(made, context.now, context.limits);
  const { customer, drafts: ofCustomer } = await keepCustomer(context, null, world);
  const kept = { ...world, customer, row: { ...world.row, data: writeAccountState(world.state) } };
  await context.tx.insertAccount(kept.row);
  if (by !== null) await connect(context, kept.row, by);
  const drafts = [...(await keepPersons(context, [], kept)), ...(await keepExternalAccounts(context, [], kept))];
  if (nextChangeAt !== null) await planNextChange(context, kept, nextChangeAt);
  const connected: EventDraft[] = by === null ? [] : [applicationEvent("authorized", kept.row, by.application)];
  await context.record([...connected, ...drafts, ...ofCustomer, accountCreated(context.livemode, kept)]);
  return kept;
}

async function connect({ tx, livemode, now }: ChangeContext, { id }: AccountRow, { application, controller }: MadeBy): Promise<void> {
  const { accountId: platformId } = application;
  await tx.insertConnection({ platformId, accountId: id, livemode, created: now, controller, scope: "read_write" });
}

async function planNextChange({ tx, now }: ChangeContext, { row, state }: AccountWorld, nextChangeAt: number | null): Promise<void> {
  const task = { accountId: row.id, livemode: state.livemode, kind: ACCOUNT_TASK, subject: row.id };
  if (nextChangeAt === null) await tx.cancelTask(task);
  else await tx.scheduleTask({ ...task, dueAt: Math.max(nextChangeAt, now) });
}

async function keepPersons(context: ChangeContext, before: readonly Person[], after: AccountWorld): Promise<(EventDraft | ThinDraft)[]> {
  const {
    row: account,
    persons,
    state: { country },
  } = after;
  const told = ({ state }: Person) => state.throughPersonsApi || context.settings.personEvents === "all";
  const drafts = await keepObjects(context, {
    before,
    after: persons,
    write: writePerson,
    draft: (person, type, previous) =>
      told(person)
        ? [
            {
              account,
              livemode: context.livemode,
              type: `person.${type}` as const,
              object: asJson(renderPerson(person, country)),
              previousAttributes: previous,
            },
          ]
        : [],
    render: (person) => asJson(renderPerson(person, country)),
  });
  return [...drafts, ...accountPersonEvents(before, after, { livemode: context.livemode, isTold: told })];
}

async function keepExternalAccounts(
  context: ChangeContext,
  before: readonly ExternalAccount[],
  { row: account, externalAccounts }: AccountWorld,
): Promise<EventDraft[]> {
  await planOwnershipChecks(context.tx, before, externalAccounts);
  const render = (one: ExternalAccount) => asJson(renderExternalAccount(one));
  return keepObjects(context, {
    before,
    after: externalAccounts,
    write: writeExternalAccount,
    draft: (one, type, previous) => [
      {
        account,
        livemode: one.row.livemode,
        type: `account.external_account.${type}` as const,
        object: render(one),
        previousAttributes: previous,
      },
    ],
    render,
  });
}

/** Objects of one kind before and after a change, and how to write them and draft their events. */
interface KeptObjects<One extends { row: ObjectRow; state: unknown }> {
  before: readonly One[];
  after: readonly One[];
  write(one: One): ObjectRow;
  render(one: One): JsonObject;
  draft(one: One, type: "created" | "updated" | "deleted", previous: JsonObject | undefined): EventDraft[];
}

/**
 * Inserts, updates and deletes the differences. Returns the event drafts: deleted objects first, then changed, then
 * new.
 */
async function keepObjects<One extends { row: ObjectRow; state: unknown }>(
  { tx }: ChangeContext,
  { before, after, write, render, draft }: KeptObjects<One>,
): Promise<EventDraft[]> {
  const drafts: EventDraft[] = [];
  const known = new Map(before.map((one) => [one.row.id, one]));
  const left = new Set(after.map(({ row }) => row.id));
  for (const one of before) {
    if (left.has(one.row.id)) continue;
    await tx.deleteObject(one.row.id);
    drafts.push(...draft(one, "deleted", undefined));
  }
  for (const one of after) {
    const was = known.get(one.row.id);
    if (was === undefined || was === one || was.state === one.state) continue;
    await tx.updateObject(write(one));
    const previous = previousAttributes(render(was), render(one));
    if (previous !== null) drafts.push(...draft(one, "updated", previous));
  }
  for (const one of after) {
    if (known.has(one.row.id)) continue;
    await tx.insertObject(write(one));
    drafts.push(...draft(one, "created", undefined));
  }
  return drafts;
}

function accountUpdates(context: ChangeContext, before: AccountWorld, after: AccountWorld): EventDraft[] {
  const object = accountOfEvent(after, context);
  const previous = previousAttributes(accountOfEvent(before, context), object);
  return previous === null
    ? []
    : [{ account: after.row, livemode: context.livemode, type: "account.updated", object, previousAttributes: previous }];
}

/** Drafts events for settings. The account's own event reports that payouts were enabled or disabled. */
function balanceSettingsUpdates(livemode: boolean, before: AccountWorld, after: AccountWorld): EventDraft[] {
  const [was, object] = [asJson(renderBalanceSettings(before.state)), asJson(renderBalanceSettings(after.state))];
  const previous = previousAttributes(was, object);
  if (previous === null || previousAttributes(withoutStatus(was), withoutStatus(object)) === null) return [];
  return [{ account: after.row, livemode, type: "balance_settings.updated", object, previousAttributes: previous }];
}

function withoutStatus(settings: JsonObject): JsonObject {
  const payments = hashOf(settings.payments);
  const { status: _, ...payouts } = hashOf(payments.payouts);
  return { ...settings, payments: { ...payments, payouts } };
}

function capabilityUpdates(livemode: boolean, before: AccountWorld, after: AccountWorld): EventDraft[] {
  const drafts: EventDraft[] = [];
  const capabilities = Object.entries(after.state.derived.capabilities) as [CapabilityName, CapabilityDerived][];
  for (const [name, derived] of capabilities) {
    const was = before.state.derived.capabilities[name];
    if (was !== undefined && !hasNews(was, derived)) continue;
    const object = asJson(renderCapability(after.row.id, name, derived));
    const previous = was === undefined ? undefined : previousAttributes(asJson(renderCapability(after.row.id, name, was)), object);
    if (previous === null) continue;
    drafts.push({ account: after.row, livemode, type: "capability.updated", object, previousAttributes: previous });
  }
  return drafts;
}
