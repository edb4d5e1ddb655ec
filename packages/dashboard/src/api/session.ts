import { type QueryClient, type UseQueryResult, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { createClient } from "./client.ts";
import { beginSession, connection, sessionNumber } from "./connection.ts";
import { ApiFailure } from "./failure.ts";
import { type Mode, SERVER_PATH } from "./place.ts";
import { chosenPlatform, keepPlatform } from "./platform.ts";
import { renewQueries } from "./renew-queries.ts";

/** Who is signed in, and what they may see. */
export interface Session {
  signed_in_with: string | null;
  development: boolean;
  /** The displayed platform; null for an operator who has not chosen one. */
  account: string | null;
  name: string | null;
  /** The operator's name, if an operator has signed in. */
  operator: string | null;
  modes: Mode[];
  keys: string[];
  read_only: boolean;
  /** When it ends in any case: Unix seconds; null on a development server's own machine. */
  ends_at: number | null;
  /** How long it stays open without being used. */
  idle_seconds: number | null;
}

/** The query for who is signed in. */
export const SESSION_KEY = ["session"];

let tabs: BroadcastChannel | undefined;

/**
 * The channel on which this tab tells the browser's other tabs that their session has ended, or that another has begun.
 */
const otherTabs = (): BroadcastChannel => (tabs ??= new BroadcastChannel(`carabiner session ${SERVER_PATH}`));

/** How often the page asks again who is signed in while the server has not answered, in milliseconds. */
const ASK_AGAIN_MS = 2_000;

/**
 * The session of this browser; null when nobody is signed in. An ended session stays until the next begins: its pages
 * are kept below the sign-in form, with what was typed there, and the connection says that it has ended.
 */
export function useSession(): UseQueryResult<Session | null, Error> {
  const cache = useQueryClient();
  useEffect(() => {
    const ask = (): void => void renewQueries(cache, SESSION_KEY);
    otherTabs().addEventListener("message", ask);
    return () => otherTabs().removeEventListener("message", ask);
  }, [cache]);
  return useQuery<Session | null, Error>({
    queryKey: SESSION_KEY,
    queryFn: async () => {
      const asked = sessionNumber();
      try {
        const session = await createClient("test").get<Session>("/console/session");
        // Someone has signed in or out here meanwhile, so this answer is outdated.
        if (asked !== sessionNumber()) return cache.getQueryData<Session | null>(SESSION_KEY) ?? null;
        forgetOthers(cache, session);
        // Another tab has signed in.
        if (connection() === "signed-out") beginSession();
        return session;
      } catch (error) {
        if (error instanceof ApiFailure && error.status === 401) return cache.getQueryData<Session | null>(SESSION_KEY) ?? null;
        throw error;
      }
    },
    staleTime: 60_000,
    refetchInterval: ({ state }) => (state.status === "error" ? ASK_AGAIN_MS : false),
  });
}

/** The hint of the key that a session uses for a mode; null on a development server's own machine. */
export function keyOf({ operator, modes, keys }: Session, mode: Mode): string | null {
  return (operator === null ? keys[modes.indexOf(mode)] : keys[0]) ?? null;
}

/**
 * Identifies who sees a mode in a session, and with which rights. One person must not see what another has read or
 * typed.
 */
export function holderOf(session: Session, mode: Mode): string {
  return JSON.stringify([session.account, session.operator, keyOf(session, mode), session.read_only]);
}

/** Forgets what was read in sessions other than this one. */
function forgetOthers(cache: QueryClient, session: Session | null): void {
  const before = cache.getQueryData<Session | null>(SESSION_KEY);
  // The list that a first visit requested ahead of time belongs to this session.
  if (before === undefined) return;
  for (const mode of ["live", "test"] as const)
    if (before === null || session === null || holderOf(before, mode) !== holderOf(session, mode))
      cache.removeQueries({ queryKey: [mode] });
}

/** The ways to change from one session to another. */
interface Signing {
  /** Opens a session with a key. */
  signIn(key: string): Promise<void>;
  /** Shows another platform to an operator; null asks the operator to choose. */
  choose(platform: string | null): Promise<void>;
  /** Ends the open session. */
  signOut(): Promise<void>;
}

/** Opens a session with a key, changes the platform that an operator sees, or ends the session that is open. */
export function useSigning(): Signing {
  const cache = useQueryClient();
  const become = (session: Session | null): void => {
    forgetOthers(cache, session);
    cache.removeQueries({ predicate: ({ queryKey }) => queryKey[0] === SESSION_KEY[0] && queryKey.length > SESSION_KEY.length });
    cache.setQueryData(SESSION_KEY, session);
    beginSession();
  };
  return {
    async signIn(key) {
      become(await createClient("test").post<Session>("/console/session", { key }, { repeated: "harmless" }));
      otherTabs().postMessage(null);
    },
    async choose(platform) {
      const before = chosenPlatform();
      keepPlatform(platform);
      try {
        become(await createClient("test").get<Session>("/console/session"));
      } catch (error) {
        keepPlatform(before);
        throw error;
      }
    },
    async signOut() {
      await createClient("test").remove("/console/session", { repeated: "harmless" });
      keepPlatform(null);
      become(null);
      otherTabs().postMessage(null);
    },
  };
}
