import type { Filters } from "../design/filters.ts";

/** Which deliveries a job sends again, besides when they were made. */
export interface ResendMany {
  endpoint?: string;
  account?: string;
  type?: string;
  state?: "cancelled" | "exhausted" | "succeeded";
}

/** States of deliveries that a job can send again; the others have not ended. */
const ENDED = ["cancelled", "exhausted", "succeeded"] as const;

/**
 * What a job is asked for to send again the deliveries of a list with these filters: without a state, those that were
 * given up or cancelled. Null where no job can tell them from others.
 */
export function resendManyOf({ endpoint, account, type, state, event, status }: Filters): ResendMany | null {
  if (event !== undefined || status !== undefined) return null;
  // What was received since a job leaves out by itself.
  const ended = state === "unreceived" ? "exhausted" : ENDED.find((one) => one === state);
  if (state !== undefined && ended === undefined) return null;
  return {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(account === undefined ? {} : { account }),
    ...(type === undefined ? {} : { type }),
    ...(ended === undefined ? {} : { state: ended }),
  };
}
