import { apiError } from "@carabiner/protocol";
import { operation, type Resource } from "../operations/operation.ts";
import { pageAsked } from "../operations/page-asked.ts";
import { choice, integer, listAnswer, optional, pageProperties, params, text, timestamp } from "../operations/parameters.ts";
import type { JsonObject, RequestRow } from "../store/contract/rows.ts";
import type { RequestFilter } from "../store/contract/transaction.ts";
import { STATUS_CLASSES, statusesAsked } from "./statuses-asked.ts";

/** The requests that were made with an account's keys, for its owner. */
export const requests: Resource = {
  object: "request",
  expandable: {},
  operations: [
    operation({
      method: "GET",
      path: "/console/requests",
      params: params({
        ...pageProperties,
        method: optional(choice(["GET", "POST", "DELETE"])),
        /** The beginning of the path, with ids or as a route pattern: `/v1/accounts`, `/v1/accounts/:account`. */
        path: optional(text(500)),
        status: optional(integer(100, 599)),
        status_class: optional(choice(STATUS_CLASSES)),
        /** The account the request acted for. */
        account: optional(text(255)),
        /** The error's code, or its name in docs/errors.md. */
        error: optional(text(255)),
        /** Unix seconds, both included. */
        since: optional(timestamp()),
        until: optional(timestamp()),
      }),
      async run(context, given) {
        const { tx, account, livemode, limits } = context;
        const owner = { callerId: account.id, livemode };
        const knows = async (id: string) => {
          const row = await tx.request(id);
          return row !== null && row.callerId === account.id && row.livemode === livemode;
        };
        const page = await pageAsked(given, limits, { name: "request", knows });
        const { rows, hasMore } = await tx.requests({ ...owner, ...filterOf(given) }, page);
        return listAnswer("/console/requests", rows.map(requestAnswer), hasMore);
      },
    }),
    operation({
      method: "GET",
      path: "/console/requests/:request",
      params: params({}),
      async run({ tx, account, livemode }, _, { request: id = "" }) {
        const row = await tx.request(id);
        if (row === null || row.callerId !== account.id || row.livemode !== livemode)
          throw apiError("resource_missing", { object: "request", id, param: "request" });
        return { ...requestAnswer(row), answer: row.answer };
      },
    }),
  ],
};

interface Asked {
  method?: string;
  path?: string;
  status?: number;
  status_class?: (typeof STATUS_CLASSES)[number];
  account?: string;
  error?: string;
  since?: number;
  until?: number;
}

function filterOf({
  method,
  path,
  status,
  status_class,
  account,
  error,
  since,
  until,
}: Asked): Omit<RequestFilter, "callerId" | "livemode"> {
  const statuses = statusesAsked({ ...(status === undefined ? {} : { status }), ...(status_class === undefined ? {} : { status_class }) });
  return {
    ...(method === undefined ? {} : { methods: [method] }),
    ...(path === undefined ? {} : { pathPrefix: path }),
    ...(statuses.length === 0 ? {} : { statuses }),
    ...(account === undefined ? {} : { accountId: account }),
    ...(error === undefined ? {} : { error }),
    at: { ...(since === undefined ? {} : { gte: since * 1000 }), ...(until === undefined ? {} : { lte: until * 1000 + 999 }) },
  };
}

/**
 * A request as the console shows it: its times in Unix seconds, its duration in milliseconds. `created` is by the
 * server's clock, like all other times; `machine_time` is null where the machine's clock shows the same time.
 */
function requestAnswer(row: RequestRow): JsonObject {
  const { error } = row;
  return {
    id: row.id,
    object: "request",
    created: Math.floor(row.at / 1000),
    machine_time: row.machineAt === null ? null : Math.floor(row.machineAt / 1000),
    livemode: row.livemode,
    account: row.accountId,
    key: row.keyHint,
    method: row.method,
    path: row.path,
    route: row.route,
    status: row.status,
    duration_ms: row.durationMs,
    idempotency_key: row.idempotencyKey,
    replay_of: row.replayOf,
    error: error === null ? null : { name: error.name, type: error.type, code: error.code, param: error.param, message: error.message },
    query: row.query,
    params: row.params,
  };
}
