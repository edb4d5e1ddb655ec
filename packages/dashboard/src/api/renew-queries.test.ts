import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { beforeEach, expect, test } from "vitest";
import { renewQueries } from "./renew-queries.ts";

/** A list of a server: what it holds, and its answers that are on their way. */
interface Server {
  holds: number;
  asked: number;
  answer(): Promise<void>;
}

let cache: QueryClient;
let server: Server;
let queryFn: () => Promise<number>;
let shown: QueryObserver<number, Error, number, number, string[]>;
beforeEach(() => {
  cache = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const waiting: (() => void)[] = [];
  server = {
    holds: 1,
    asked: 0,
    async answer() {
      for (const answer of waiting.splice(0)) answer();
      await new Promise(setImmediate);
    },
  };
  queryFn = () => {
    server.asked++;
    const { holds } = server;
    return new Promise((resolve, reject) => waiting.push(() => (holds < 0 ? reject(new Error("refused")) : resolve(holds))));
  };
  shown = new QueryObserver(cache, { queryKey: ["test", "accounts", "/v1/payouts"], queryFn });
  shown.subscribe(() => undefined);
});

test("a change while the first answer is on its way is read after it", async () => {
  server.holds = 2;
  const renewed = renewQueries(cache, ["test", "accounts"]);
  await server.answer();
  expect(shown.getCurrentResult().data).toBe(1);
  await server.answer();
  await renewed;
  expect(shown.getCurrentResult().data).toBe(2);
  expect(server.asked).toBe(2);
});

test("changes that come faster than answers show each answer, and ask once more", async () => {
  await server.answer();
  for (let change = 2; change <= 9; change++) {
    server.holds = change;
    void renewQueries(cache, ["test", "accounts"]);
  }
  await server.answer();
  // The first of these changes asked, and the others wait for that answer.
  expect(shown.getCurrentResult().data).toBe(2);
  await server.answer();
  expect(shown.getCurrentResult().data).toBe(9);
  await server.answer();
  expect(server.asked).toBe(3);
});

test("a change while an answer is on its way that fails is read after it", async () => {
  await server.answer();
  server.holds = -1;
  void renewQueries(cache);
  server.holds = 3;
  const renewed = renewQueries(cache);
  await server.answer();
  await server.answer();
  await renewed;
  expect(shown.getCurrentResult()).toMatchObject({ data: 3, error: null });
});

test("a query that waits for its next try is begun at once", async () => {
  await server.answer();
  shown.setOptions({ ...shown.options, retry: true, retryDelay: 3_600_000 });
  server.holds = -1;
  void renewQueries(cache);
  await server.answer();
  server.holds = 4;
  void renewQueries(cache);
  await server.answer();
  expect(shown.getCurrentResult()).toMatchObject({ data: 4, error: null });
});

test("a query that waits for the next try of its first answer is begun at once", async () => {
  server.holds = -1;
  const first = new QueryObserver(cache, { queryKey: ["test", "events"], queryFn, retry: true, retryDelay: 3_600_000 });
  first.subscribe(() => undefined);
  await server.answer();
  expect(first.getCurrentResult()).toMatchObject({ data: undefined, failureCount: 1 });
  server.holds = 4;
  void renewQueries(cache, ["test", "events"]);
  await server.answer();
  expect(first.getCurrentResult()).toMatchObject({ data: 4, isPending: false });
});

test("other queries are not changed", async () => {
  await server.answer();
  await renewQueries(cache, ["test", "events"]);
  expect(server.asked).toBe(1);
});
