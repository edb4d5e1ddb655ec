import { eventAnswer } from "../events/render-event.ts";
import { eventsKeptSince } from "../operations/events-kept.ts";
import { type OperationContext, operation, type Resource } from "../operations/operation.ts";
import { listAnswer, params } from "../operations/parameters.ts";
import { seconds } from "../operations/time-range.ts";
import { accessibleAccount } from "../resources/access/accessible-account.ts";
import type { ConnectionRow, EventRow, JsonObject } from "../store/contract/rows.ts";
import type { EventFilter, PageOf } from "../store/contract/transaction.ts";

const AUTHORIZED = "account.application.authorized";
const DEAUTHORIZED = "account.application.deauthorized";

/**
 * The connections of an account: current ones, and ended ones for as long as the events about their end are kept. A
 * platform sees its own. The account itself sees all, and so does anyone who may see the whole server.
 */
export const accountConnections: Resource = {
  object: "connection",
  expandable: {},
  operations: [
    operation({
      method: "GET",
      path: "/console/accounts/:account/connections",
      params: params({}),
      async run(context, _, path) {
        const { id } = await accessibleAccount(context, path.account ?? "");
        const { connections, hasMore } = await ended(context, id);
        return listAnswer(`/console/accounts/${id}/connections`, [...(await current(context, id)), ...connections], hasMore);
      },
    }),
  ],
};

/** Whether the caller sees the connections of other platforms. */
const seesAll = ({ account, byOperator, settings }: OperationContext, id: string): boolean =>
  id === account.id || byOperator || settings.platformsSeeServer;

/**
 * The connections that let a key of the mode reach the account. For a test key this includes connections made in live
 * mode.
 */
async function current(context: OperationContext, id: string): Promise<JsonObject[]> {
  const { tx, account, livemode } = context;
  const rows = seesAll(context, id) ? (await tx.subscribers(id)).connections : await tx.connections(account.id, id);
  const answers: JsonObject[] = [];
  for (const row of rows) {
    if (livemode && !row.livemode) continue;
    const application = await tx.application(row.platformId, row.livemode);
    answers.push(answer(id, row, application === null ? null : { id: application.id, name: application.name }));
  }
  return answers;
}

function answer(
  account: string,
  { platformId, livemode, created, scope, controller }: ConnectionRow,
  application: JsonObject | null,
): JsonObject {
  return {
    object: "connection",
    account,
    platform: platformId,
    application,
    livemode,
    created: seconds(created),
    ended: null,
    scope,
    controller,
  };
}

/** Connections that ended, the newest end first, from the events about their end. */
async function ended(context: OperationContext, id: string): Promise<{ connections: JsonObject[]; hasMore: boolean }> {
  const { tx, livemode } = context;
  const { rows, hasMore } = await toldOf(context, id);
  const begun = new Map<string, number>();
  const platforms = new Map<string, string | null>();
  const connections: JsonObject[] = [];
  for (const row of rows.toReversed()) {
    const told = applicationIn(row);
    if (row.type === AUTHORIZED) begun.set(told.id, row.created);
    else {
      const since = begun.get(told.id);
      begun.delete(told.id);
      if (!platforms.has(told.id)) platforms.set(told.id, (await tx.applicationById(told.id))?.accountId ?? null);
      connections.push({
        object: "connection",
        account: id,
        platform: platforms.get(told.id) ?? null,
        application: { id: told.id, name: told.name },
        livemode,
        created: since === undefined ? null : seconds(since),
        ended: seconds(row.created),
        scope: null,
        controller: null,
      });
    }
  }
  return { connections: connections.reverse(), hasMore };
}

/** The events that tell of an account's connections, the newest first, at most `connectionEvents`, a page at a time. */
async function toldOf(context: OperationContext, id: string): Promise<PageOf<EventRow>> {
  const { tx, application, livemode, limits } = context;
  const filter: EventFilter = {
    accountId: id,
    livemode,
    created: { gte: await eventsKeptSince(context) },
    types: [AUTHORIZED, DEAUTHORIZED],
    ...(seesAll(context, id) ? {} : { applicationId: application?.id ?? null }),
  };
  const rows: EventRow[] = [];
  for (;;) {
    const last = rows.at(-1)?.id;
    const limit = Math.min(limits.listItems, limits.connectionEvents - rows.length);
    const page = await tx.events(filter, { limit, ...(last === undefined ? {} : { startingAfter: last }) });
    rows.push(...page.rows);
    if (!page.hasMore || rows.length >= limits.connectionEvents) return { rows, hasMore: page.hasMore };
  }
}

/** The application that an event of a connection is about. */
function applicationIn(row: EventRow): { id: string; name: string | null } {
  const { data } = eventAnswer(row, { pendingWebhooks: 0, asConnected: true }) as unknown as {
    data: { object: { id: string; name: string | null } };
  };
  return data.object;
}
