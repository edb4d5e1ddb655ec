import { apiError } from "@carabiner/protocol";
import type { Limits } from "../limits.ts";
import type { JsonObject } from "../store/contract/rows.ts";
import type { Page, PageOf } from "../store/contract/transaction.ts";
import { integer, optional, text } from "./parameters.ts";

/** The properties every list call of the v2 API takes. Source: https://docs.stripe.com/api-v2-overview */
export const v2PageProperties = { limit: optional(integer(1, "listItems")), page: optional(text(200)) } as const;

/** What a page's token holds: the object that the page follows or precedes. */
const TOKEN = /^(after|before):(\w+)$/;

/**
 * The page that a list call of the v2 API asks for. `knows` says whether an object is or was in the list. Throws
 * `page_token_invalid` for a token that does not come from a page of the list.
 */
export async function v2PageAsked(
  given: { limit?: number | undefined; page?: string | undefined },
  limits: Pick<Limits, "listItems" | "listItemsDefault">,
  knows: (id: string) => Promise<boolean>,
): Promise<Page> {
  const limit = Math.min(given.limit ?? limits.listItemsDefault, limits.listItems);
  if (given.page === undefined) return { limit };
  const [, side, id = ""] = TOKEN.exec(Buffer.from(given.page, "base64url").toString()) ?? [];
  if (side === undefined || !(await knows(id))) throw apiError("page_token_invalid", { param: "page" });
  return side === "after" ? { limit, startingAfter: id } : { limit, endingBefore: id };
}

/** The list as it was requested, so that the URLs of its other pages request the same list. */
export interface V2List {
  path: string;
  /** The call's parameters, except `page`: text, numbers, and lists or hashes of them. */
  params: Readonly<Record<string, unknown>>;
}

/** A page of a list in the v2 API, with the URLs of the next and the previous page. */
export function v2ListAnswer(
  { path, params }: V2List,
  data: readonly JsonObject[],
  { rows, hasMore }: Pick<PageOf<{ id: string }>, "rows" | "hasMore">,
  page: Page,
): JsonObject {
  const backwards = page.endingBefore !== undefined;
  const [first, last] = [rows[0]?.id, rows.at(-1)?.id];
  const url = (side: "after" | "before", id: string | undefined, there: boolean): string | null => {
    if (id === undefined || !there) return null;
    const query = new URLSearchParams(pairs(params));
    query.set("page", Buffer.from(`${side}:${id}`).toString("base64url"));
    return `${path}?${query}`;
  };
  return {
    data: [...data],
    next_page_url: url("after", last, backwards || hasMore),
    previous_page_url: url("before", first, backwards ? hasMore : page.startingAfter !== undefined),
  };
}

/** Parameters as the pairs of a query: `types[0]`, `created[gte]`. */
function pairs(value: unknown, name = ""): [string, string][] {
  if (typeof value !== "object" || value === null) return value === undefined ? [] : [[name, String(value)]];
  return Object.entries(value).flatMap(([key, inner]) => pairs(inner, name === "" ? key : `${name}[${key}]`));
}
