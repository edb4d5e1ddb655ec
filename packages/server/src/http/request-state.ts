import type { FastifyRequest } from "fastify";
import type { ApiAnswer } from "../api/call.ts";
import type { Work } from "./crowd.ts";

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

export const SUMMARY = Symbol("summary");
export const WORK = Symbol("work");
export const UNPROVED = Symbol("unproved");
export const FROM_PAGE = Symbol("from page");

/**
 * A request with the server's notes on it. `UNPROVED` is its key until the key proves valid; `FROM_PAGE` says that the
 * dashboard's page made it.
 */
export type ServerRequest = FastifyRequest & {
  [SUMMARY]?: RequestSummary;
  [WORK]?: Work | null;
  [UNPROVED]?: string;
  [FROM_PAGE]?: true;
};

/** A header's value. Node.js joins repeated headers, and none of the headers we use is an array. */
export const single = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value.join(", ") : value);
