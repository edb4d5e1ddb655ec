import { useQuery } from "@tanstack/react-query";
import type { Page } from "./answers.ts";
import type { Client } from "./client.ts";
import { useClient } from "./client-context.ts";
import { ApiFailure } from "./failure.ts";

/** Accounts that one call names, at most. */
const MOST_AT_ONCE = 100;
/** How long a name is taken for true without a word of a change, in milliseconds. */
const TRUE_FOR_MS = 300_000;

/** What an account is called; null for one without a name. */
interface AccountName {
  account: string;
  name: string | null;
}

type NameOf = (id: string) => Promise<string | null>;

const ofClients = new WeakMap<Client, NameOf>();

/**
 * What an account is called; null while that is not known, and for one without a name, or that the session may not see.
 */
export function useAccountName(id: string | null | undefined): string | null {
  const client = useClient();
  const { data } = useQuery({
    // Below the topic of accounts: whatever happens to one makes the names stale.
    queryKey: [client.mode, "accounts", "name", id],
    queryFn: () => nameOf(client)(id ?? ""),
    enabled: id != null,
    staleTime: TRUE_FOR_MS,
  });
  return data ?? null;
}

function nameOf(client: Client): NameOf {
  const made = ofClients.get(client) ?? together((accounts) => askFor(client, accounts));
  ofClients.set(client, made);
  return made;
}

async function askFor(client: Client, accounts: readonly string[]): Promise<ReadonlyMap<string, string | null>> {
  try {
    const { data } = await client.get<Page<AccountName>>("/console/account_names", { accounts });
    return new Map(data.map(({ account, name }) => [account, name]));
  } catch (error) {
    // A key that may not read accounts is not asked for again with every row.
    if (error instanceof ApiFailure && error.isForbidden) return new Map();
    throw error;
  }
}

/**
 * Asks for one name at a time, and once for all that are asked for in the same turn: those of the rows that come into
 * view.
 */
export function together(ask: (ids: readonly string[]) => Promise<ReadonlyMap<string, string | null>>): NameOf {
  let waiting: Map<string, PromiseWithResolvers<string | null>> | null = null;
  const flush = (asked: ReadonlyMap<string, PromiseWithResolvers<string | null>>): void => {
    const ids = [...asked.keys()];
    for (let from = 0; from < ids.length; from += MOST_AT_ONCE) {
      const some = ids.slice(from, from + MOST_AT_ONCE);
      ask(some).then(
        (names) => {
          for (const id of some) asked.get(id)?.resolve(names.get(id) ?? null);
        },
        (error) => {
          for (const id of some) asked.get(id)?.reject(error);
        },
      );
    }
  };
  return (id) => {
    if (waiting === null) {
      const asked = new Map<string, PromiseWithResolvers<string | null>>();
      waiting = asked;
      setTimeout(() => {
        waiting = null;
        flush(asked);
      });
    }
    const one = waiting.get(id) ?? Promise.withResolvers<string | null>();
    waiting.set(id, one);
    return one.promise;
  };
}
