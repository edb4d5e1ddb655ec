import { type UseMutationResult, type UseQueryResult, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Client } from "./client.ts";
import { useClient } from "./client-context.ts";
import type { Parameters } from "./form.ts";

/** What a query is about. What happens on the server makes the queries of its topics stale. */
export type Topic = "accounts" | "clock" | "deliveries" | "endpoints" | "event types" | "events" | "requests" | "session" | "system";

/** Reads one answer of the server, and keeps it until something happens that it is about. */
export function useAnswer<Answer>(
  topic: Topic,
  path: string | null,
  parameters: Parameters = {},
  options: { account?: string; refetchMs?: number } = {},
): UseQueryResult<Answer, Error> {
  const client = useClient();
  const { account, refetchMs } = options;
  return useQuery<Answer, Error>({
    queryKey: [client.mode, topic, path, parameters, account ?? null],
    queryFn: ({ signal }) => client.get<Answer>(path ?? "", parameters, { signal, account }),
    enabled: path !== null,
    refetchInterval: refetchMs ?? false,
  });
}

/** An act of the user's: what it asks of the server, and what it changes there. */
export function useAct<Asked, Answer>(
  act: (client: Client, asked: Asked) => Promise<Answer>,
  changes: readonly Topic[],
): UseMutationResult<Answer, Error, Asked> {
  const client = useClient();
  const cache = useQueryClient();
  return useMutation<Answer, Error, Asked>({
    mutationFn: (asked) => act(client, asked),
    onSettled: () => Promise.all(changes.map((topic) => cache.invalidateQueries({ queryKey: [client.mode, topic] }))),
  });
}
