import { expect, test } from "vitest";
import { capturedTerminal } from "../../test/captured-terminal.ts";
import { createApiClient } from "./api-client.ts";
import { followList } from "./follow-list.ts";

/** A list to which rows are added at once, after the first look at it. */
function growing(before: number, added: number): typeof fetch {
  let rows = before;
  return async (address) => {
    const { searchParams } = new URL(String(address));
    const limit = Number(searchParams.get("limit"));
    const ids = Array.from({ length: rows }, (_, index) => ({ id: String(rows - index) }));
    rows = before + added;
    const [after, until] = [searchParams.get("starting_after"), searchParams.get("ending_before")];
    if (until !== null) return Response.json({ data: ids.filter(({ id }) => Number(id) > Number(until)).slice(-limit) });
    return Response.json({ data: ids.filter(({ id }) => after === null || Number(id) < Number(after)).slice(0, limit) });
  };
}

test.each([
  [0, 1],
  [0, 250],
  [0, 300],
  [5, 250],
])("of a list of %d rows all %d that are added are followed, the oldest first", async (before, added) => {
  const client = createApiClient({ url: "http://127.0.0.1:1", key: "sk_test_x", account: null }, growing(before, added));
  const stop = new AbortController();
  const seen: number[] = [];
  const followed = { client, path: "/list", query: {}, terminal: capturedTerminal(), signal: stop.signal, onReady: () => undefined };
  for await (const { id } of followList(followed)) {
    seen.push(Number(id));
    if (seen.length === added) stop.abort();
  }
  expect(seen).toEqual(Array.from({ length: added }, (_, index) => before + index + 1));
});
