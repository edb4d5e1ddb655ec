import { type UseMutationResult, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { tell } from "../design/toasts.tsx";
import type { Page } from "./answers.ts";
import type { Client } from "./client.ts";
import { useClient } from "./client-context.ts";
import { everyPage } from "./every-page.ts";
import { ApiFailure } from "./failure.ts";
import { useFailure } from "./failure-of.ts";
import type { Parameters } from "./form.ts";
import { renewQueries } from "./renew-queries.ts";

/** What a query is about. What happens on the server makes the queries of its topics stale. */
export type Topic =
  | "accounts"
  | "audit"
  | "clock"
  | "deliveries"
  | "endpoints"
  | "event types"
  | "events"
  | "money"
  | "requests"
  | "session"
  | "system";

/** An answer of the server, as far as it is known. */
interface Answered<Answer> {
  /**
   * Undefined until it is there, and once the server says that what it was about is gone, or no longer for this key.
   */
  data: Answer | undefined;
  /** Why it could not be read; also while it is asked for once more, if nothing is known yet. */
  error: Error | null;
  isPending: boolean;
  refetch(): Promise<unknown>;
}

/** Reads one answer of the server, and keeps it until something happens that it is about. */
export function useAnswer<Answer>(
  topic: Topic,
  path: string | null,
  parameters: Parameters = {},
  options: { account?: string; refetchMs?: number; read?: (client: Client, signal: AbortSignal) => Promise<Answer> } = {},
): Answered<Answer> {
  const client = useClient();
  const cache = useQueryClient();
  const { account, refetchMs, read } = options;
  const queryKey = [client.mode, topic, path, parameters, account ?? null];
  const {
    data,
    isPending,
    error: ended,
    failureReason,
  } = useQuery<Answer, Error>({
    queryKey,
    queryFn: ({ signal }) => read?.(client, signal) ?? client.get<Answer>(path ?? "", parameters, { signal, account }),
    enabled: path !== null,
    refetchInterval: refetchMs ?? false,
  });
  const error = useFailure(queryKey, { data, error: ended, failureReason });
  const isGone = error instanceof ApiFailure && (error.isMissing || error.isForbidden);
  return {
    data: isGone ? undefined : data,
    error,
    isPending,
    // Also begins a query anew that waits for its next try.
    refetch: () => renewQueries(cache, queryKey),
  };
}

/** As many as a call lists. */
const PAGE = { limit: 100 };

/** Reads a whole list as `useAnswer` does, however many pages it has: for lists that are short by their nature. */
export function useEvery<Row extends { id: string }>(topic: Topic, path: string): Answered<Page<Row>> {
  return useAnswer<Page<Row>>(topic, path, PAGE, {
    read: (client, signal) => everyPage((after) => client.get<Page<Row>>(path, { ...PAGE, starting_after: after }, { signal })),
  });
}

/** How long what an act has changed may take to be read anew before it is said that it is done, in milliseconds. */
const SHOWN_MS = 10_000;

/** What a message says of an act, and where its result is. */
interface Said {
  text: string;
  href?: string;
  /** Takes the act back. */
  undo?: () => void;
}

/** What messages tell of an act. */
interface Telling<Asked, Answer> {
  /**
   * What to say once it is done, and the page shows it, or cannot yet. `isShown`: what the user acted with is still on
   * the page.
   */
  done?(answer: Answer, asked: Asked, isShown: boolean): Said | null;
  /** Nothing else on the page says why it failed. */
  failsAloud?: boolean;
}

/**
 * An act of the user's: what it asks of the server, and what it changes there. Messages tell what came of it, also when
 * the user has gone elsewhere meanwhile. A failure is shown by the dialog that asked; by a message once that is closed.
 */
export function useAct<Asked, Answer>(
  act: (client: Client, asked: Asked) => Promise<Answer>,
  changes: readonly Topic[],
  { done, failsAloud = false }: Telling<Asked, Answer> = {},
): UseMutationResult<Answer, Error, Asked> {
  const client = useClient();
  const cache = useQueryClient();
  const isShown = useRef(false);
  useEffect(() => {
    isShown.current = true;
    return () => {
      isShown.current = false;
    };
  }, []);
  const renew = (): Promise<unknown> => Promise.all(changes.map((topic) => renewQueries(cache, [client.mode, topic])));
  return useMutation<Answer, Error, Asked>({
    mutationFn: (asked) => act(client, asked),
    onSuccess: async (answer, asked) => {
      await Promise.race([renew(), new Promise((resolve) => setTimeout(resolve, SHOWN_MS))]);
      const said = done?.(answer, asked, isShown.current) ?? null;
      if (said !== null) tell(said.text, said);
    },
    onError: ({ message }) => {
      void renew();
      // What was only asked, and is no longer shown, nobody waits for.
      if (failsAloud || (changes.length > 0 && !isShown.current)) tell(message, { tone: "bad" });
    },
  });
}
