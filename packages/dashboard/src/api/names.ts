import type { Account, Endpoint, Page } from "./answers.ts";
import { useAnswer, useEvery } from "./queries.ts";

/** The most that one call lists. */
const LOOKED_UP = { limit: 100 };

/** The endpoints of the platform, by id. */
export function useEndpoints(): ReadonlyMap<string, Endpoint> {
  return byId(useEvery<Endpoint>("endpoints", "/console/webhook_endpoints").data);
}

/** The newest connected accounts, by id, to choose from. `useAccountName` finds the name of any account. */
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

/** An account's name: the name of its business, or its user's email address; null if it has neither. */
export function accountName(account: Account | undefined): string | null {
  return account?.business_profile?.name ?? account?.settings?.dashboard?.display_name ?? account?.email ?? null;
}

/** An endpoint's name in a row: its path, or its host if it has no path. */
export function endpointName(endpoint: Endpoint | undefined): string | null {
  if (endpoint === undefined) return null;
  const url = URL.parse(endpoint.url);
  if (url === null) return endpoint.url;
  return url.pathname === "/" ? url.host : url.pathname + url.search;
}
