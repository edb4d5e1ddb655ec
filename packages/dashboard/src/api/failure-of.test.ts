import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { expect, test } from "vitest";
import { failureOf } from "./failure-of.ts";

test("a query that was never answered has failed until it is, also while it is asked again", async () => {
  const cache = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const answers: PromiseWithResolvers<number>[] = [];
  const queryFn = (): Promise<number> => {
    const answer = Promise.withResolvers<number>();
    answers.push(answer);
    return answer.promise;
  };
  const queryKey = ["test", "events"];
  const shown = new QueryObserver(cache, { queryKey, queryFn });
  shown.subscribe(() => undefined);
  const failure = (): Error | null => {
    const query = cache.getQueryCache().find({ queryKey });
    return query === undefined ? null : failureOf(query, shown.getCurrentResult());
  };
  const say = async (tell: (answer: PromiseWithResolvers<number> | undefined) => void): Promise<void> => {
    tell(answers.at(-1));
    await new Promise(setImmediate);
  };
  expect(failure()).toBeNull();
  const [first, second, third] = [new Error("first"), new Error("second"), new Error("third")];
  await say((answer) => answer?.reject(first));
  expect(failure()).toBe(first);
  void shown.refetch();
  expect(shown.getCurrentResult().error).toBeNull();
  expect(failure()).toBe(first);
  await say((answer) => answer?.reject(second));
  expect(failure()).toBe(second);
  void shown.refetch();
  await say((answer) => answer?.resolve(1));
  expect(failure()).toBeNull();
  void shown.refetch();
  expect(failure()).toBeNull();
  await say((answer) => answer?.reject(third));
  expect(failure()).toBe(third);
});
