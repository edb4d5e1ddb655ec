import type { FastifyRequest, HTTPMethods } from "fastify";
import type { ApiAnswer, Call } from "../api/call.ts";
import type { Work } from "./crowd.ts";
import type { FoundRoute } from "./route-table.ts";

/** What is known of a request when its log line is written. */
export interface RequestSummary {
  account: string | null;
  /** The account that made it; null when that is unknown. */
  caller: ApiAnswer["caller"];
  error: string | null;
  /** The answer's body. */
  answerBody: string;
  replayOf: string | null;
}

/** A call, and where it is made. */
export interface CallRoute {
  method: HTTPMethods;
  path: string;
  call(): Call;
}

export const SUMMARY = Symbol("summary");
export const WORK = Symbol("work");
export const UNPROVED = Symbol("unproved");
export const FROM_PAGE = Symbol("from page");
export const FOUND = Symbol("found");

/**
 * A request with the server's notes on it. `UNPROVED` is its key until that is known to be valid; `FROM_PAGE` says that
 * the dashboard's page made it. `FOUND` is the call that it makes; see `route-of.ts`.
 */
export type ServerRequest = FastifyRequest & {
  [SUMMARY]?: RequestSummary;
  [WORK]?: Work | null;
  [UNPROVED]?: string;
  [FROM_PAGE]?: true;
  [FOUND]?: FoundRoute<CallRoute> | null;
};

/** A header's value. Node joins repeated headers, and none of ours is an array. */
export const single = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value.join(", ") : value);
