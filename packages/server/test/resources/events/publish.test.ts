import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { client, platformOfItsOwn, publish, refusal } from "../../platform-of-its-own.ts";
import { startWebhookReceiver } from "../../webhook-receiver.ts";

type Answer = { object: "list"; data: { id: string; type: string; pending_webhooks: number }[]; has_more: boolean };

let server: Carabiner;
let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>;
beforeAll(async () => {
  server = await startCarabiner();
  receiver = await startWebhookReceiver();
});
afterAll(async () => {
  await server.close();
  await receiver.close();
});

const event = (n: number) => ({
  id: `evt_bulk_number_${String(n).padStart(4, "0")}`,
  type: "payout.paid",
  data: { object: { id: `po_${n}`, object: "payout", amount: n } },
});
const many = (count: number) => Array.from({ length: count }, (_, n) => event(n));
/** As JSON, for numbers to stay numbers. */
async function post(on: Carabiner, key: string, body: object, headers: Record<string, string> = {}) {
  const answer = await fetch(`${on.url}/v1/events`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Answer & { error: { param?: string; code?: string; message: string } } };
}

describe("a thousand events in a request", () => {
  test("are stored before they are answered, in their order, and sent once each; again, they are the same", async () => {
    const directory = await mkdtemp(join(tmpdir(), "carabiner-publish-"));
    const store = { file: join(directory, "carabiner.db") };
    let turn = await startCarabiner({ store });
    try {
      const key = turn.keys.test.secret;
      await client(turn, key).webhookEndpoints.create({ url: receiver.url("/bulk"), enabled_events: ["*"] });
      const first = await post(turn, key, { events: many(1_000) });
      expect(first.status).toBe(200);
      expect(first.body).toMatchObject({ object: "list", has_more: false });
      expect(first.body.data).toEqual(many(1_000).map(({ id, type }) => ({ id, object: "event", type, pending_webhooks: 1 })));
      await turn.close();
      turn = await startCarabiner({ store });
      await turn.idle();
      const listed: { id: string; amount: number }[] = [];
      for await (const { id, data } of client(turn, key).events.list({ limit: 100 }))
        listed.push({ id, amount: (data.object as Stripe.Payout).amount });
      expect(listed.reverse()).toEqual(many(1_000).map(({ id, data }) => ({ id, amount: data.object.amount })));
      const ids = new Set(receiver.at("/bulk").map((webhook) => webhook.event.id));
      expect(ids.size).toBe(1_000);

      const sent = receiver.at("/bulk").length;
      const again = await post(turn, key, { events: many(1_000) });
      expect(again.body.data.map(({ id, pending_webhooks }) => [id, pending_webhooks])).toEqual(many(1_000).map(({ id }) => [id, 0]));
      await turn.idle();
      expect(receiver.at("/bulk")).toHaveLength(sent);
    } finally {
      await turn.close();
      await rm(directory, { recursive: true });
    }
  });

  test("are none of them stored where one is wrong, and the one is named", async () => {
    const { test: stripe, keys } = await platformOfItsOwn(server);
    const wrong = (at: number, change: object) => many(100).map((event, n) => (n === at ? { ...event, ...change } : event));
    for (const [change, param] of [
      [{ type: "payout.pied" }, "events[17][type]"],
      [{ type: "account.application.authorized" }, "events[17][type]"],
      [{ id: "evt_bulk_number_0003" }, "events[17][id]"],
      [{ id: "short" }, "events[17][id]"],
      [{ data: { object: { id: "po_1" } } }, "events[17][data][object]"],
      [{ created: 9_999_999_999 }, "events[17][created]"],
      [{ livemode: true }, "events[17][livemode]"],
      [{ api_version: "2024-06-21" }, "events[17][api_version]"],
      [{ request: { surprise: "x" } }, "events[17][request]"],
      [{ object: "charge" }, "events[17][object]"],
      [{ surprise: 1 }, "events[17][surprise]"],
    ] as const) {
      const { status, body } = await post(server, keys.test.secret, { events: wrong(17, change) });
      expect([status, body.error.param]).toEqual([400, param]);
    }
    expect((await stripe.events.list()).data).toEqual([]);
  });

  test("are the most: one more is refused", async () => {
    const { test: stripe, keys } = await platformOfItsOwn(server);
    expect(await post(server, keys.test.secret, { events: many(1_001) })).toMatchObject({
      status: 400,
      body: { error: { param: "events" } },
    });
    expect(await post(server, keys.test.secret, { events: [] })).toMatchObject({ status: 400, body: { error: { param: "events" } } });
    expect((await stripe.events.list()).data).toEqual([]);
  });

  test("may come as a form, as the SDK sends them", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const events = Array.from({ length: 1_000 }, (_, n) => ({
      type: "payout.paid",
      data: { object: { id: `po_${n}`, object: "payout" } },
    }));
    expect((await publish<Answer>(stripe, { events })).data).toHaveLength(1_000);
  });
});

describe("for whom", () => {
  test("by Stripe-Account for a connected account, and for nobody else's", async () => {
    const [mine, other] = [await platformOfItsOwn(server), await platformOfItsOwn(server)];
    const { id } = await mine.test.accounts.create({ type: "express" });
    const one = { type: "payout.paid", data: { object: { id: "po_1", object: "payout" } } };
    await publish(mine.test, one, { stripeAccount: id });
    expect((await mine.test.events.list({ type: "payout.paid" }, { stripeAccount: id })).data).toHaveLength(1);
    expect((await mine.test.events.list({ type: "payout.paid" })).data).toEqual([]);
    for (const account of [id, mine.account, "acct_unknown"])
      expect(await refusal(publish(other.test, one, { stripeAccount: account }))).toMatchObject({ status: 403, code: "account_invalid" });
  });

  test("an object is told as it was given, however odd; names that mean something to JavaScript are refused, not lost", async () => {
    const { keys, test: stripe } = await platformOfItsOwn(server);
    const odd = {
      id: "x_1",
      object: "x",
      "": 1,
      nested: { toString: null, list: [[], {}, [null]] },
      big: 1e21,
      text: "\u2028 ü 🧗",
    };
    const sent = await post(server, keys.test.secret, { type: "payout.paid", data: { object: odd } });
    expect(sent.status).toBe(200);
    const [event] = (await stripe.events.list()).data;
    expect(event?.data.object).toEqual(odd);
    const forbidden = await fetch(`${server.url}/v1/events`, {
      method: "POST",
      headers: { authorization: `Bearer ${keys.test.secret}`, "content-type": "application/json" },
      body: '{"type":"payout.paid","data":{"object":{"object":"x","__proto__":{"admin":true}}}}',
    });
    expect([forbidden.status, ((await forbidden.json()) as { error: { code: string } }).error.code]).toEqual([400, "parameter_unknown"]);
  });
});

describe("an event that is published alone", () => {
  test("is answered as it is read afterwards, with its account where it is another's", async () => {
    const { test: platform, keys } = await platformOfItsOwn(server);
    const key = keys.test.secret;
    const { id: connected } = await platform.accounts.create({ type: "express" });
    const body = { type: "payout.paid", data: { object: { id: "po_1", object: "payout", amount: -0, 7: "seven", note: "\u2028é" } } };
    for (const [headers, shown] of [
      [{}, false],
      [{ "stripe-account": connected }, true],
    ] as [Record<string, string>, boolean][]) {
      const answer = await fetch(`${server.url}/v1/events`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
      });
      const text = await answer.text();
      const { id, account } = JSON.parse(text) as Stripe.Event;
      expect(account).toBe(shown ? connected : undefined);
      const read = await fetch(`${server.url}/v1/events/${id}`, { headers: { authorization: `Bearer ${key}`, ...headers } });
      expect(text).toBe(await read.text());
    }
  });
});

describe("once more", () => {
  const payout = { type: "payout.paid", data: { object: { id: "po_1", object: "payout" } } };
  const retry = (stripe: Stripe, id: string, params: Record<string, unknown>) =>
    stripe.rawRequest("POST", `/v1/events/${id}/retry`, params);

  test("not to an endpoint that is unknown, another's, of the other mode, or disabled", async () => {
    const [mine, other] = [await platformOfItsOwn(server), await platformOfItsOwn(server)];
    const make = (stripe: Stripe) => stripe.webhookEndpoints.create({ url: receiver.url("/retry"), enabled_events: ["payout.failed"] });
    const event = await publish(mine.test, payout);
    const unknown = await refusal(retry(mine.test, event.id, { webhook_endpoint: "we_unknown" }));
    expect(unknown).toMatchObject({ status: 400, code: "resource_missing", param: "webhook_endpoint" });
    const foreign = await make(other.test);
    expect((await refusal(retry(mine.test, event.id, { webhook_endpoint: foreign.id }))).message).toBe(
      unknown.message.replace("we_unknown", foreign.id),
    );
    const live = await make(mine.live);
    expect((await refusal(retry(mine.test, event.id, { webhook_endpoint: live.id }))).status).toBe(400);
    const disabled = await make(mine.test);
    await mine.test.webhookEndpoints.update(disabled.id, { disabled: true });
    expect((await refusal(retry(mine.test, event.id, { webhook_endpoint: disabled.id }))).message).toContain("the endpoint is disabled");
    await server.idle();
    expect(receiver.at("/retry")).toEqual([]);
    await mine.test.webhookEndpoints.update(disabled.id, { disabled: false });
    await retry(mine.test, event.id, { webhook_endpoint: disabled.id });
    await server.idle();
    expect(receiver.at("/retry").map((webhook) => webhook.event.id)).toEqual([event.id]);
  });

  test("not an event older than thirty days", async () => {
    const turned = await startCarabiner();
    try {
      const stripe = client(turned, turned.keys.test.secret);
      const endpoint = await stripe.webhookEndpoints.create({ url: receiver.url("/old"), enabled_events: ["payout.failed"] });
      const { id } = await publish(stripe, payout);
      await turned.clock.advance({ seconds: 30 * 24 * 3_600 - 10 });
      await retry(stripe, id, { webhook_endpoint: endpoint.id });
      await turned.idle();
      await turned.clock.advance({ seconds: 20 });
      expect(await refusal(retry(stripe, id, { webhook_endpoint: endpoint.id }))).toMatchObject({ status: 404, code: "resource_missing" });
      expect(receiver.at("/old")).toHaveLength(1);
    } finally {
      await turned.close();
    }
  });
});
