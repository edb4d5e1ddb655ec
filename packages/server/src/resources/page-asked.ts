import { apiError } from "@carabiner/protocol";
import type { Limits } from "../limits.ts";
import type { Page } from "../store/store.ts";

/**
 * The page a list call asks for. Throws `parameters_exclusive` when both cursors are given.
 * Source: https://docs.stripe.com/api/pagination
 */
export function pageAsked(
  given: { limit?: number | undefined; starting_after?: string | undefined; ending_before?: string | undefined },
  limits: Limits,
): Page {
  if (given.starting_after !== undefined && given.ending_before !== undefined)
    throw apiError("parameters_exclusive", { param: "starting_after", other: "ending_before" });
  return {
    limit: Math.min(given.limit ?? limits.listItemsDefault, limits.listItems),
    ...(given.starting_after === undefined ? {} : { startingAfter: given.starting_after }),
    ...(given.ending_before === undefined ? {} : { endingBefore: given.ending_before }),
  };
}
