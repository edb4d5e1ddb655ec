import { type UseQueryResult, useQuery, useQueryClient } from "@tanstack/react-query";
import { createClient } from "./client.ts";
import { beginSession, connection } from "./connection.ts";
import { ApiFailure } from "./failure.ts";
import type { Mode } from "./place.ts";

/** Who is signed in, and what they may see. */
export interface Session {
  signed_in_with: string | null;
  development: boolean;
  account: string;
  name: string | null;
  modes: Mode[];
  keys: string[];
  read_only: boolean;
  /** When it ends whatever happens: Unix seconds; null for a development server's own machine. */
  ends_at: number | null;
  /** How long it stays open without being used. */
  idle_seconds: number | null;
}

const KEY = ["session"];

/** The session of this browser; null when nobody is signed in. */
export function useSession(): UseQueryResult<Session | null, Error> {
  return useQuery<Session | null, Error>({
    queryKey: KEY,
    queryFn: async () => {
      try {
        const session = await createClient("test").get<Session>("/console/session");
        // Another tab has signed in.
        if (connection() === "signed-out") beginSession();
        return session;
      } catch (error) {
        if (error instanceof ApiFailure && error.status === 401) return null;
        throw error;
      }
    },
    staleTime: 60_000,
  });
}

/** Opens a session with a key, or ends the one that is open. */
export function useSigning(): { signIn(key: string): Promise<void>; signOut(): Promise<void> } {
  const cache = useQueryClient();
  /** What one session has read is not for the next. */
  const become = (session: Session | null): void => {
    cache.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== KEY[0] });
    cache.setQueryData(KEY, session);
    beginSession();
  };
  return {
    async signIn(key) {
      become(await createClient("test").post<Session>("/console/session", { key }));
    },
    async signOut() {
      await createClient("test").remove("/console/session");
      become(null);
    },
  };
}
