import { afterAll, beforeAll, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../src/index.ts";
import { type Platform, platformOfItsOwn, publish, refusal } from "../platform-of-its-own.ts";
import { startWebhookReceiver } from "../webhook-receiver.ts";

interface ShownDelivery {
  id: string;
  state: string;
  event: string;
  event_type: string;
  webhook_endpoint: string;
}

let server: Carabiner;
let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>;
let mine: Platform;
beforeAll(async () => {
  receiver = await startWebhookReceiver(({ path }) => (path === "/bad" ? 503 : 200));
  server = await startCarabiner();
  mine = await platformOfItsOwn(server);
});
afterAll(async () => {
  await server.close();
  await receiver.close();
});

const call = async <Answer>(path: string, { test: stripe }: Platform = mine): Promise<Answer> =>
  (await stripe.rawRequest("GET", `/console/${path}`)) as unknown as Answer;
const listed = async (query: string): Promise<ShownDelivery[]> => (await call<{ data: ShownDelivery[] }>(`deliveries?${query}`)).data;
const object = { id: "cus_1", object: "customer" };

test("deliveries are found by type, status, class of status, fault and whether they were tried", async () => {
  const good = await mine.test.webhookEndpoints.create({ url: receiver.url("/good"), enabled_events: ["customer.created"] });
  const bad = await mine.test.webhookEndpoints.create({
    url: receiver.url("/bad"),
    enabled_events: ["customer.created", "customer.updated"],
  });
  const gone = await mine.test.webhookEndpoints.create({ url: "http://127.0.0.1:9/gone", enabled_events: ["customer.deleted"] });
  const created = await publish(mine.test, { type: "customer.created", data: { object } });
  const updated = await publish(mine.test, { type: "customer.updated", data: { object } });
  const deleted = await publish(mine.test, { type: "customer.deleted", data: { object } });
  await server.idle();

  const found = async (query: string) => (await listed(query)).map(({ event, webhook_endpoint }) => [event, webhook_endpoint]);
  const all = [
    [deleted.id, gone.id],
    [updated.id, bad.id],
    [created.id, bad.id],
    [created.id, good.id],
  ];
  const these = (...indexes: number[]) => indexes.map((index) => all[index]);
  expect((await found("")).slice(0, 2)).toEqual(these(0, 1));
  expect(await found("type=customer.updated")).toEqual(these(1));
  expect((await found("type=customer.*")).length).toBe(4);
  expect((await found("status=503")).toSorted()).toEqual(these(1, 2).toSorted());
  expect((await found("status_class=5xx")).length).toBe(2);
  expect(await found("status_class=2xx")).toEqual(these(3));
  expect(await found("status=500")).toEqual([]);
  expect(await found("fault=connection_refused")).toEqual(these(0));
  expect((await found("state=retrying")).length).toBe(3);
  expect(await found(`state=retrying&status=503&type=customer.updated&endpoint=${bad.id}&account=${mine.account}`)).toEqual(these(1));
  expect((await listed("status=503"))[0]).toMatchObject({ state: "pending", last_attempt: { reason: expect.stringContaining("503") } });
});

test("two filters that say how the last attempt ended are refused, and so are unknown values", async () => {
  for (const [query, param] of [
    ["status=500&status_class=5xx", "status"],
    ["status=500&fault=timeout", "fault"],
    ["status_class=5xx&fault=timeout", "fault"],
    ["status=99", "status"],
    ["status_class=9xx", "status_class"],
    ["fault=nonsense", "fault"],
    ["state=lost", "state"],
  ])
    expect(await refusal(call(`deliveries?${query}`)), query).toMatchObject({ status: 400, param });
});

test("an attempt is shown with its request, its answer, and how long each part took", async () => {
  const endpoint = await mine.test.webhookEndpoints.create({ url: receiver.url("/shown"), enabled_events: ["payout.paid"] });
  const event = await publish(mine.test, { type: "payout.paid", data: { object: { id: "po_1", object: "payout" } } });
  await server.idle();
  const [{ id = "" } = {}] = await listed(`event=${event.id}`);
  const delivery = await call<{ request: object; attempts: object[] }>(`deliveries/${id}`);
  const [webhook] = receiver.at("/shown");
  expect(delivery.request).toEqual({ method: "POST", url: endpoint.url, body: webhook?.body });
  expect(delivery.attempts).toEqual([
    {
      ...{ number: 1, at: expect.any(Number), duration_ms: expect.any(Number), outcome: "succeeded", status: 200 },
      ...{ reason: "The endpoint answered 200 OK.", retry_after_ms: null, response_body: "" },
      phases: {
        ...{ connection: expect.stringMatching(/^(new|reused)$/), dns_ms: null, tls_ms: null },
        connect_ms: expect.toSatisfy((ms) => ms === null || ms >= 0),
        first_byte_ms: expect.any(Number),
        total_ms: expect.any(Number),
      },
      request_headers: expect.objectContaining({ "stripe-signature": webhook?.headers["stripe-signature"] }),
      signature: expect.objectContaining({ header: webhook?.headers["stripe-signature"] }),
      response_headers: expect.objectContaining({ connection: expect.any(String) }),
    },
  ]);
  expect(await call(`deliveries/${id}/attempts`)).toMatchObject({ object: "list", data: delivery.attempts, has_more: false });
  expect(await refusal(call(`deliveries/${id}/attempts`, await platformOfItsOwn(server)))).toMatchObject({ code: "resource_missing" });
});
