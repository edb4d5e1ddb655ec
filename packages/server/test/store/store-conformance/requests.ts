import { expect, test } from "vitest";
import type { RequestRow } from "../../../src/store/contract/rows.ts";
import type { RequestFilter } from "../../../src/store/contract/transaction.ts";
import { numberedRequest } from "../numbered-request.ts";
import { START } from "../store-fixture.ts";
import type { StoreHarness } from "../store-harness.ts";
import { OpenedStore } from "./opened-store.ts";

/** Requests that were answered: remembered in order, found by what they were, and forgotten. */
export function requestConformance(harness: StoreHarness): void {
  const on = new OpenedStore(harness);
  const request = (n: number, given: Partial<RequestRow> = {}): RequestRow =>
    numberedRequest(n, { keyHint: "sk_test_****abcd", durationMs: 1.25, ...given });
  const error = { name: "parameter_missing", type: "invalid_request_error", code: "parameter_missing", param: "amount", message: "Zoë" };
  const page = (filter: Partial<RequestFilter> = {}, limit = 100) =>
    on.store.read((reads) => reads.requests({ callerId: "acct_owner", livemode: false, ...filter }, { limit }));
  const found = async (filter: Partial<RequestFilter>) => (await page(filter)).rows.map(({ id }) => id);

  test("a request is read back as it was written, once", async () => {
    const rows = [
      request(1),
      request(2, { error, status: 400, idempotencyKey: "key", params: { "a[b]": "1" }, keyHint: null, replayOf: "req_0", durationMs: 3 }),
      request(4, { route: "/v1/payouts/:payout", path: "/v1/payouts/po_1", query: { limit: "Zoë" }, answer: '{"id": "Zoë"}' }),
    ];
    await on.store.requests.insert(rows);
    await on.store.requests.insert([request(2, { status: 500 }), request(3)]);
    await on.store.requests.insert([]);
    expect((await page()).rows).toEqual([request(3), ...rows.toReversed()]);
    expect(await on.store.read((reads) => reads.request("req_2"))).toEqual(rows[1]);
    expect(await on.store.read((reads) => reads.request("req_9"))).toBeNull();
  });

  test("pages are in the order in which they were written, from either side", async () => {
    await on.store.requests.insert([1, 2, 3, 4].map((n) => request(n, { at: START - n })));
    const { rows, hasMore } = await page({}, 3);
    expect([rows.map(({ id }) => id), hasMore]).toEqual([["req_4", "req_3", "req_2"], true]);
    const owner = { callerId: "acct_owner", livemode: false };
    const after = await on.store.read((reads) => reads.requests(owner, { limit: 9, startingAfter: "req_2" }));
    expect(after.rows.map(({ id }) => id)).toEqual(["req_1"]);
    const before = await on.store.read((reads) => reads.requests(owner, { limit: 2, endingBefore: "req_1" }));
    expect([before.rows.map(({ id }) => id), before.hasMore]).toEqual([["req_3", "req_2"], true]);
  });

  test("they are found by each of what they were", async () => {
    await on.store.requests.insert([
      request(1),
      request(2, { callerId: "acct_other" }),
      request(3, { livemode: true }),
      request(4, { method: "GET", route: "/v1/accounts/:account", path: "/v1/accounts/acct_1" }),
      request(5, { accountId: "acct_connected", status: 404, error: { ...error, name: "resource_missing", code: "resource_missing" } }),
      request(6, { status: 402, error }),
    ]);
    expect(await found({})).toEqual(["req_6", "req_5", "req_4", "req_1"]);
    expect(await found({ callerId: "acct_other" })).toEqual(["req_2"]);
    expect(await found({ livemode: true })).toEqual(["req_3"]);
    expect(await found({ methods: ["GET", "DELETE"] })).toEqual(["req_4"]);
    expect(await found({ pathPrefix: "/v1/pay" })).toEqual(["req_6", "req_5", "req_1"]);
    for (const pathPrefix of ["/v1/accounts", "/v1/accounts/:account", "/v1/accounts/acct_1"])
      expect(await found({ pathPrefix })).toEqual(["req_4"]);
    for (const pathPrefix of ["/v1/%", "/v1/accounts/acct_2"]) expect(await found({ pathPrefix })).toEqual([]);
    expect(await found({ accountId: "acct_connected" })).toEqual(["req_5"]);
    expect(await found({ exceptAccountId: "acct_owner" })).toEqual(["req_5"]);
    expect(
      await found({
        statuses: [
          [400, 402],
          [404, 404],
        ],
      }),
    ).toEqual(["req_6", "req_5"]);
    expect(await found({ statuses: [] })).toEqual([]);
    expect(await found({ error: "parameter_missing" })).toEqual(["req_6"]);
    expect(await found({ at: { gte: START + 4, lt: START + 6 } })).toEqual(["req_5", "req_4"]);
  });

  test("they are found by whatever several of these have in common, newest first and page by page", async () => {
    const routes = ["/v1/payouts", "/v1/accounts/:account", "/v1/accounts/:account/persons/:person"];
    const rows = Array.from({ length: 120 }, (_, n) => {
      const route = routes[n % 3] as string;
      const status = [200, 200, 400, 404, 503][n % 5] as number;
      // One path is longer than what is indexed of it, and has characters beyond the first plane.
      const path = route.replace(":account", `acct_${n % 4}`).replace(":person", `person_𝒵${"z".repeat(n === 5 ? 300 : n % 7)}`);
      return request(n, { route, path, status, error: status < 400 ? null : { ...error, code: n % 2 === 0 ? "a" : "b" } });
    });
    await on.store.requests.insert(rows);
    const long = (rows[5] as RequestRow).path;
    const filters: [filter: Partial<RequestFilter>, holds: (row: RequestRow) => boolean][] = [
      ...[
        "/",
        "/v1/acc",
        "/v1/accounts/acct_1",
        "/v1/accounts/acct_1/persons/person_𝒵z",
        long,
        long.slice(0, 250),
        `${long}z`,
        "/v1/z",
      ].map((pathPrefix): (typeof filters)[number] => [{ pathPrefix }, ({ path }) => path.startsWith(pathPrefix)]),
      ...["/v1/accounts/:a", "/v1/accounts/:account/persons/:person", "/v1/:none", ":", ""].map((pathPrefix): (typeof filters)[number] => [
        { pathPrefix },
        ({ route }) => route.startsWith(pathPrefix),
      ]),
      [{ statuses: [[500, 599]] }, ({ status }) => status >= 500],
      [{ statuses: [[200, 404]] }, ({ status }) => status <= 404],
      [
        { statuses: [[400, 499]], pathPrefix: "/v1/accounts/acct_2" },
        ({ status, path }) => status < 500 && status > 399 && path.startsWith("/v1/accounts/acct_2"),
      ],
      [{ error: "a" }, (row) => row.error?.code === "a"],
      [{ error: "a", methods: ["GET"] }, () => false],
    ];
    for (const [filter, holds] of filters) {
      const expected = rows
        .filter(holds)
        .map(({ id }) => id)
        .reverse();
      expect(await found({ ...filter }), JSON.stringify(filter)).toEqual(expected.slice(0, 100));
      const { rows: first, hasMore } = await page(filter, 7);
      expect([first.map(({ id }) => id), hasMore], JSON.stringify(filter)).toEqual([expected.slice(0, 7), expected.length > 7]);
      const last = first.at(-1);
      if (last === undefined) continue;
      const asked = { callerId: "acct_owner", livemode: false, ...filter };
      const next = await on.store.read((reads) => reads.requests(asked, { limit: 7, startingAfter: last.id }));
      expect(
        next.rows.map(({ id }) => id),
        JSON.stringify(filter),
      ).toEqual(expected.slice(7, 14));
      const before = await on.store.read((reads) => reads.requests(asked, { limit: 7, endingBefore: last.id }));
      expect(
        before.rows.map(({ id }) => id),
        JSON.stringify(filter),
      ).toEqual(expected.slice(0, first.length - 1));
    }
  });

  test("old ones are forgotten, a few at a time", async () => {
    await on.store.requests.insert([1, 2, 3, 4, 5].map((n) => request(n)));
    const request_ = { now: START, eventsBefore: 0, answersBefore: 0, requestsBefore: START + 4, limit: 2 };
    const gone: number[] = [];
    for (let count = await on.store.prune(request_); count > 0; count = await on.store.prune(request_)) gone.push(count);
    expect(gone).toEqual([2, 1]);
    expect(await found({})).toEqual(["req_5", "req_4"]);
  });

  test("old ones are forgotten by the machine's time, and found by the server's", async () => {
    const late = { at: START + 1_000, machineAt: START };
    await on.store.requests.insert([request(1, late), request(2, { at: START, machineAt: START + 9 }), request(3)]);
    expect(await found({ at: { gte: START + 1_000 } })).toEqual(["req_1"]);
    await on.store.prune({ now: START, eventsBefore: 0, answersBefore: 0, requestsBefore: START + 3, limit: 10 });
    const { rows } = await on.store.read((reads) => reads.requests({ callerId: "acct_owner", livemode: false }, { limit: 10 }));
    expect(rows.map(({ id, machineAt }) => [id, machineAt])).toEqual([
      ["req_3", null],
      ["req_2", START + 9],
    ]);
  });
}
