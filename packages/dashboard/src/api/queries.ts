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

/** The topic of a query. An event on the server makes the queries of its topics stale. */
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
   * Undefined until it has arrived, and after the server has said that its object is gone or no longer visible to this
   * key.
   */
  data: Answer | undefined;
  /** Why it could not be read. If nothing is known yet, also set while the read is repeated. */
  error: Error | null;
  isPending: boolean;
  refetch(): Promise<unknown>;
}

/** Reads one answer of the server, and keeps it until something happens on its topic. */
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
    // This also restarts a query that waits for its next try.
    refetch: () => renewQueries(cache, queryKey),
  };
}

/** The most that one call lists. */
const PAGE = { limit: 100 };

/** Reads a whole list as `useAnswer` does, however many pages it has: for lists that are always short. */
export function useEvery<Row extends { id: string }>(topic: Topic, path: string): Answered<Page<Row>> {
  return useAnswer<Page<Row>>(topic, path, PAGE, {
    read: (client, signal) => everyPage((after) => client.get<Page<Row>>(path, { ...PAGE, starting_after: after }, { signal })),
  });
}

/**
 * How long the page waits for the changed data to be read again before it says that an act is done, in milliseconds.
 */
const SHOWN_MS = 10_000;

/** What a message says about an act, and where its result is. */
interface Said {
  text: string;
  href?: string;
  /** Takes the act back. */
  undo?: () => void;
}

/** The messages about an act. */
interface Telling<Asked, Answer> {
  /**
   * What to say once it is done, whether or not the page shows the result yet. `isShown`: the control that the user
   * acted with is still on the page.
   */
  done?(answer: Answer, asked: Asked, isShown: boolean): Said | null;
  /** Nothing else on the page says why it failed. */
  failsAloud?: boolean;
}

/**
 * An act of the user: its request to the server, and what it changes there. Messages report the result, even if the
 * user has gone to another page meanwhile. The dialog that made the request shows a failure; after the dialog is
 * closed, a message does.
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
      // Nobody waits for a mere question that is no longer shown.
      if (failsAloud || (changes.length > 0 && !isShown.current)) tell(message, { tone: "bad" });
    },
  });
}
