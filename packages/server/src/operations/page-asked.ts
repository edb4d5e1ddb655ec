import { apiError } from "@carabiner/protocol";
import type { Limits } from "../limits.ts";
import type { Page } from "../store/contract/transaction.ts";

/** The cursors of a list: the name of its objects in messages, and which ids the caller may use. */
export interface Cursors {
  name: string;
  /** Whether an id is or was in the list: a deleted object's id still marks its position. */
  knows(id: string): Promise<boolean>;
}

/**
 * The page that a list call asks for. Throws `parameters_exclusive` when both cursors are given, and `resource_missing`
 * for a cursor that cannot be from this list, because an empty page would look like the list's end.
 * Source: https://docs.stripe.com/api/pagination
 */
export async function pageAsked(
  given: { limit?: number | undefined; starting_after?: string | undefined; ending_before?: string | undefined },
  limits: Pick<Limits, "listItems" | "listItemsDefault">,
  { name, knows }: Cursors,
): Promise<Page> {
  if (given.starting_after !== undefined && given.ending_before !== undefined)
    throw apiError("parameters_exclusive", { param: "starting_after", other: "ending_before" });
  for (const param of ["starting_after", "ending_before"] as const) {
    const id = given[param];
    if (id !== undefined && !(await knows(id))) throw apiError("resource_missing", { object: name, id, param });
  }
  return {
    limit: Math.min(given.limit ?? limits.listItemsDefault, limits.listItems),
    ...(given.starting_after === undefined ? {} : { startingAfter: given.starting_after }),
    ...(given.ending_before === undefined ? {} : { endingBefore: given.ending_before }),
  };
}
