import type { FastifyRequest } from "fastify";
import type { ApiAnswer } from "../api/call.ts";
import type { Work } from "./crowd.ts";

/** What is known of a request when its log line is written. */
export interface RequestSummary {
  account: string | null;
  /** Who made it; null when that was not found out. */
  caller: ApiAnswer["caller"];
  error: string | null;
  /** The answer's body, when it tells of an error. */
  errorBody: string | null;
  replayOf: string | null;
}

export const SUMMARY = Symbol("summary");
export const WORK = Symbol("work");
export const UNPROVED = Symbol("unproved");

/** A request with what the server notes on it. `UNPROVED` is its key, as long as it is not known to be a valid one. */
export type ServerRequest = FastifyRequest & { [SUMMARY]?: RequestSummary; [WORK]?: Work | null; [UNPROVED]?: string };

/** A header's value. Node joins those that are given more than once; none of ours comes as a list. */
export const single = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value.join(", ") : value);
