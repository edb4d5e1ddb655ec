import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../src/index.ts";
import { client, ownKeys, type Platform, platformOfItsOwn, publish, refusal } from "../platform-of-its-own.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

type Page = { data: { id: string }[]; has_more: boolean };
/** A GET with any query, because the SDK's calls would not compile with a wrong one. */
function list(stripe: Stripe, path: string, params: Record<string, string | number | string[] | Record<string, string | number>> = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (Array.isArray(value)) for (const item of value) query.append(`${name}[]`, item);
    else if (typeof value === "object") for (const [key, bound] of Object.entries(value)) query.append(`${name}[${key}]`, String(bound));
    else query.append(name, String(value));
  }
  return stripe.rawRequest("GET", `${path}?${query}`) as unknown as Promise<Page>;
}

/** Every list, with how one of its objects is made, and how it is deleted where it can be. */
const LISTS: readonly [
  path: string,
  make: (stripe: Stripe) => Promise<{ id: string }>,
  remove?: (stripe: Stripe, id: string) => Promise<unknown>,
][] = [
  ["/v1/accounts", (stripe) => stripe.accounts.create({ type: "custom" }), (stripe, id) => stripe.accounts.del(id)],
  ["/v1/customers", (stripe) => stripe.customers.create({}), (stripe, id) => stripe.customers.del(id)],
  ["/v1/events", (stripe) => publish(stripe, { type: "payout.paid", data: { object: { id: "po_1", object: "payout" } } })],
  [
    "/v1/webhook_endpoints",
    (stripe) => stripe.webhookEndpoints.create({ url: "http://127.0.0.1:1/hook", enabled_events: ["payout.failed"] }),
    (stripe, id) => stripe.webhookEndpoints.del(id),
  ],
  [
    "/console/deliveries",
    async (stripe) => {
      const { data } = await stripe.webhookEndpoints.list({ limit: 1 });
      const endpoint =
        data[0] ?? (await stripe.webhookEndpoints.create({ url: "http://127.0.0.1:1/hook", enabled_events: ["payout.failed"] }));
      return stripe.rawRequest("POST", `/console/webhook_endpoints/${endpoint.id}/test`) as unknown as Promise<{ id: string }>;
    },
  ],
];

describe.each(LISTS)("%s", (path, make, remove) => {
  test("refuses a cursor that is not an id of this list: unknown, of another account, of the other mode", async () => {
    const [mine, other] = [await platformOfItsOwn(server), await platformOfItsOwn(server)];
    const own = await make(mine.test);
    const foreign = await make(other.test);
    const live = await make(mine.live);
    for (const param of ["starting_after", "ending_before"]) {
      expect((await list(mine.test, path, { [param]: own.id })).data).toEqual([]);
      const message = async (id: string) => {
        const refused = await refusal(list(mine.test, path, { [param]: id }));
        expect(refused).toMatchObject({ status: 400, code: "resource_missing", param });
        return refused.message.replace(id, "ID");
      };
      const unknown = await message(`${own.id.slice(0, -1)}~`);
      expect(unknown).toMatch(/^No such [a-z ]+: 'ID'$/);
      expect(await message(foreign.id)).toBe(unknown);
      // An account connected in live mode may be seen by a test key, and so named by it.
      if (path !== "/v1/accounts") expect(await message(live.id)).toBe(unknown);
    }
    expect(await refusal(list(mine.test, path, { starting_after: "a", ending_before: "b" }))).toMatchObject({
      status: 400,
      code: "parameters_exclusive",
    });
  });

  test("goes on from an object that was deleted in the meantime", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    if (remove === undefined) return expect(["/v1/events", "/console/deliveries"]).toContain(path);
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) ids.unshift((await make(stripe)).id);
    await remove(stripe, ids[1] as string);
    expect((await list(stripe, path, { starting_after: ids[1] as string })).data.map(({ id }) => id)).toEqual([ids[2]]);
    expect((await list(stripe, path, { ending_before: ids[1] as string })).data.map(({ id }) => id)).toEqual([ids[0]]);
  });

  test("takes a limit from 1 to 100, and gives 10 unless asked", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    for (let i = 0; i < 11; i++) await make(stripe);
    expect(await list(stripe, path)).toMatchObject({ has_more: true, data: { length: 10 } });
    expect(await list(stripe, path, { limit: 1 })).toMatchObject({ has_more: true, data: { length: 1 } });
    expect(await list(stripe, path, { limit: 100 })).toMatchObject({ has_more: false, data: { length: 11 } });
    for (const limit of [0, 101, -1, 1.5, "many"])
      expect(await refusal(list(stripe, path, { limit })), String(limit)).toMatchObject({ status: 400, param: "limit" });
  });
});

test("the SDK walks through 250 events by itself, newest first or, with ending_before, oldest first", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const event = (n: number) => ({ type: "payout.paid", data: { object: { id: `po_${n}`, object: "payout" } } });
  const first = await publish(stripe, event(0));
  const { data: many } = await publish<Stripe.ApiList<Stripe.Event>>(stripe, {
    events: Array.from({ length: 250 }, (_, n) => event(n + 1)),
  });
  const oldestFirst = many.map(({ id }) => id);

  const newestFirst: string[] = [];
  for await (const { id } of stripe.events.list({ limit: 100 })) newestFirst.push(id);
  expect(newestFirst).toEqual([...oldestFirst].reverse().concat(first.id));

  const caughtUp: string[] = [];
  for await (const { id } of stripe.events.list({ limit: 40, ending_before: first.id })) caughtUp.push(id);
  expect(caughtUp).toEqual(oldestFirst);
});

describe("events, filtered", () => {
  let platform: Platform;
  const ids: string[] = [];
  let now: number;

  beforeAll(async () => {
    platform = await platformOfItsOwn(server);
    now = Math.floor(server.clock.now() / 1000);
    for (const [type, age] of [
      ["payout.paid", 40],
      ["payout.failed", 30],
      ["payout.paid", 20],
      ["customer.created", 10],
    ] as const)
      ids.push((await publish(platform.test, { type, created: now - age, data: { object: { id: "x", object: "x" } } })).id);
  });

  test.each<[string, () => Stripe.EventListParams, number[]]>([
    ["a type", () => ({ type: "payout.paid" }), [2, 0]],
    ["a group of types", () => ({ type: "payout.*" }), [2, 1, 0]],
    ["all types", () => ({ type: "*" }), [3, 2, 1, 0]],
    ["a type that is not there", () => ({ type: "payout.created" }), []],
    ["a pattern that is no prefix by chance", () => ({ type: "payout%" }), []],
    ["several types", () => ({ types: ["customer.created", "payout.failed"] }), [3, 1]],
    ["created at", () => ({ created: now - 20 }), [2]],
    ["created gt", () => ({ created: { gt: now - 20 } }), [3]],
    ["created gte", () => ({ created: { gte: now - 20 } }), [3, 2]],
    ["created lt", () => ({ created: { lt: now - 30 } }), [0]],
    ["created lte", () => ({ created: { lte: now - 30 } }), [1, 0]],
    ["created between", () => ({ created: { gt: now - 40, lt: now - 10 } }), [2, 1]],
    ["a type and a time", () => ({ type: "payout.*", created: { gte: now - 30 } }), [2, 1]],
    ["a type and a cursor", () => ({ type: "payout.*", starting_after: ids[3] as string, limit: 2 }), [2, 1]],
  ])("by %s", async (_, params, expected) => {
    expect((await platform.test.events.list(params())).data.map(({ id }) => ids.indexOf(id))).toEqual(expected);
  });

  test.each<[string, Parameters<typeof list>[2], string]>([
    ["both type and types", { type: "payout.paid", types: ["payout.paid"] }, "type"],
    ["more than 20 types", { types: Array(21).fill("payout.paid") }, "types"],
    ["a time that is none", { created: "yesterday" }, "created"],
    ["a bound that is none", { created: { gte: "x" } }, "created[gte]"],
    ["a bound of another name", { created: { after: 1 } }, "created[after]"],
    ["delivery_success=maybe", { delivery_success: "maybe" }, "delivery_success"],
  ])("not by %s", async (_, params, param) => {
    expect(await refusal(list(platform.test, "/v1/events", params))).toMatchObject({ status: 400, param });
  });

  test("seen by the account alone, in its own mode", async () => {
    const { id } = await platform.test.accounts.create({ type: "standard" });
    const keys = await ownKeys(platform.test, id);
    expect((await client(server, keys.live.secret).events.list()).data).toEqual([]);
    expect((await platform.live.events.list()).data).toEqual([]);
    expect((await (await platformOfItsOwn(server)).test.events.list()).data).toEqual([]);
  });
});
