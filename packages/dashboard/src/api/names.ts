import type { Account, Endpoint, Page } from "./answers.ts";
import { useAnswer, useEvery } from "./queries.ts";

/** As many as a call lists. */
const LOOKED_UP = { limit: 100 };

/** The endpoints of the platform by their ids. */
export function useEndpoints(): ReadonlyMap<string, Endpoint> {
  return byId(useEvery<Endpoint>("endpoints", "/console/webhook_endpoints").data);
}

/** The newest connected accounts by their ids, to choose from. `useAccountName` knows the name of any. */
export function useAccounts(): ReadonlyMap<string, Account> {
  return byId(useAnswer<Page<Account>>("accounts", "/v1/accounts", LOOKED_UP).data);
}

const NONE = new Map<string, never>();
const known = new WeakMap<object, ReadonlyMap<string, never>>();

function byId<Row extends { id: string }>(page: Page<Row> | undefined): ReadonlyMap<string, Row> {
  if (page === undefined) return NONE;
  const map = known.get(page) ?? new Map(page.data.map((row) => [row.id, row as never]));
  known.set(page, map);
  return map;
}

/** What an account is called: the name of its business, or its user's address; null where it has none. */
export function accountName(account: Account | undefined): string | null {
  return account?.business_profile?.name ?? account?.settings?.dashboard?.display_name ?? account?.email ?? null;
}

/** What an endpoint is called in a row: its path, or its host where it has none. */
export function endpointName(endpoint: Endpoint | undefined): string | null {
  if (endpoint === undefined) return null;
  const url = URL.parse(endpoint.url);
  if (url === null) return endpoint.url;
  return url.pathname === "/" ? url.host : url.pathname + url.search;
}
