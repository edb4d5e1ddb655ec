import type { Filters } from "../design/filters.ts";

/** Which deliveries a job resends, apart from when they were made. */
export interface ResendMany {
  endpoint?: string;
  account?: string;
  type?: string;
  state?: "cancelled" | "exhausted" | "succeeded";
}

/** States of deliveries that a job can resend; deliveries in other states have not ended. */
const ENDED = ["cancelled", "exhausted", "succeeded"] as const;

/**
 * The parameters of a job that resends the deliveries of a list with these filters: without a state, those that were
 * given up or cancelled. Null if no job can select exactly these.
 */
export function resendManyOf({ endpoint, account, type, state, event, status }: Filters): ResendMany | null {
  if (event !== undefined || status !== undefined) return null;
  // A job automatically leaves out what was received since.
  const ended = state === "unreceived" ? "exhausted" : ENDED.find((one) => one === state);
  if (state !== undefined && ended === undefined) return null;
  return {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(account === undefined ? {} : { account }),
    ...(type === undefined ? {} : { type }),
    ...(ended === undefined ? {} : { state: ended }),
  };
}
