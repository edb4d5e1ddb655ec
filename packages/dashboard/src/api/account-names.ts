import { useQuery } from "@tanstack/react-query";
import type { Page } from "./answers.ts";
import type { Client } from "./client.ts";
import { useClient } from "./client-context.ts";
import { ApiFailure } from "./failure.ts";

/** The most accounts that one call names. */
const MOST_AT_ONCE = 100;
/** How long a name counts as current without news of a change, in milliseconds. */
const TRUE_FOR_MS = 300_000;

/** The name of an account; null for an account without a name. */
interface AccountName {
  account: string;
  name: string | null;
}

type NameOf = (id: string) => Promise<string | null>;

const ofClients = new WeakMap<Client, NameOf>();

/**
 * The name of an account; null while it is unknown, for an account without a name, and for one that the session may not
 * see.
 */
export function useAccountName(id: string | null | undefined): string | null {
  const client = useClient();
  const { data } = useQuery({
    // Under the topic of accounts, so that anything that happens to an account makes the names stale.
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
    // With a key that may not read accounts, the names are not requested again for every row.
    if (error instanceof ApiFailure && error.isForbidden) return new Map();
    throw error;
  }
}

/**
 * Takes one name at a time, and makes one request for all names of the same turn: those of the rows that come into
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
