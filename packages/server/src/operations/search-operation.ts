import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import type { JsonObject } from "../store/contract/rows.ts";
import { coversStripeParams } from "./covers-stripe-params.ts";
import type { ObjectKind } from "./object-kind.ts";
import { type Operation, type OperationContext, operation } from "./operation.ts";
import { integer, optional, params, text } from "./parameters.ts";
import { readSearchQuery, type SearchFields, type SearchTest } from "./search-query.ts";

/** The inputs of a search. */
export interface Searched {
  /** The path of the resource: `/v1/charges`. */
  path: string;
  kind: Pick<ObjectKind, "object" | "show">;
  fields: SearchFields;
  /** Top-level fields of the rows' data and the value each must have. */
  where?: Readonly<Record<string, string | boolean>>;
}

/**
 * A search of the account's own objects, newest first. It finds new objects at once.
 * Source: https://docs.stripe.com/search
 */
export function searchOperation(searched: Searched): Operation {
  return operation({
    method: "GET",
    path: `${searched.path}/search`,
    params: coversStripeParams<Stripe.ChargeSearchParams>()(
      params({ query: text(), limit: optional(integer(1, "listItems")), page: optional(text(200)) }),
    ),
    run: (context, { query, limit = context.limits.listItemsDefault, page }) => {
      const test = readSearchQuery(query, searched.fields, searched.path.replace("/v1/", ""));
      return search(context, searched, test, { limit, after: page === undefined ? undefined : readPage(page) });
    },
  });
}

/**
 * Reads rows until the page is full, there are no more, or `searchedRows` have been read. In the last case the answer
 * says where to continue.
 */
async function search(
  { tx, account, livemode, limits, now }: OperationContext,
  { kind, path, where = {} }: Searched,
  test: SearchTest,
  { limit, after }: { limit: number; after: string | undefined },
): Promise<JsonObject> {
  const found: JsonObject[] = [];
  let cursor = after;
  let left = limits.searchedRows;
  for (let more = true; more; ) {
    const filter = { object: kind.object, accountId: account.id, livemode, where };
    const page = { limit: Math.min(limits.listItems, left), ...(cursor === undefined ? {} : { startingAfter: cursor }) };
    const { rows, hasMore } = await tx.objects(filter, page);
    more = hasMore;
    for (const [at, row] of rows.entries()) {
      const shown = kind.show(row, { now });
      if (test(shown)) found.push(shown);
      cursor = row.id;
      if (found.length === limit) return result(path, found, more || at < rows.length - 1 ? cursor : null);
    }
    left -= rows.length;
    if (left <= 0) return result(path, found, more ? (cursor as string) : null);
  }
  return result(path, found, null);
}

function result(path: string, data: JsonObject[], next: string | null): JsonObject {
  const next_page = next === null ? null : Buffer.from(next).toString("base64url");
  return { object: "search_result", data, has_more: next !== null, next_page, url: `${path}/search` };
}

/** The row after which a page begins. It is only a position in the caller's own rows. */
function readPage(page: string): string {
  const id = Buffer.from(page, "base64url").toString();
  if (!/^\w+$/.test(id)) throw apiError("search_page_invalid", { param: "page" });
  return id;
}
