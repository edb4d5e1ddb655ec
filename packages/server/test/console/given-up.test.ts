import type Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../src/index.ts";
import { platformOfItsOwn, publish } from "../platform-of-its-own.ts";
import { startWebhookReceiver } from "../webhook-receiver.ts";

let server: Carabiner;
let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>;
let answers = 500;
beforeAll(async () => {
  server = await startCarabiner({ retryPolicy: "none", limits: { givenUpCounted: 5 } });
  receiver = await startWebhookReceiver(() => answers);
});
afterAll(async () => {
  await server.close();
  await receiver.close();
});

interface GivenUp {
  deliveries: number;
  more: boolean;
  endpoints: { webhook_endpoint: string; deliveries: number }[];
}

const ask = <Answer>(stripe: Stripe, path: string) => stripe.rawRequest("GET", path) as unknown as Promise<Answer>;
const givenUp = (stripe: Stripe) => ask<GivenUp>(stripe, "/console/given_up");
const listed = async (stripe: Stripe, query = "") =>
  (await ask<{ data: { event: string; webhook_endpoint: string }[] }>(stripe, `/console/deliveries?state=unreceived${query}`)).data;

test("deliveries that were given up are counted by endpoint and listed until the endpoint has received them", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const endpoint = async (path: string) =>
    (await stripe.webhookEndpoints.create({ url: receiver.url(path), enabled_events: ["customer.created"] })).id;
  const [one, other] = [await endpoint("/one"), await endpoint("/other")];
  const event = async () => {
    const made = await publish(stripe, { type: "customer.created", data: { object: { id: "cus_1", object: "customer" } } });
    await server.idle();
    return made.id;
  };
  expect(await givenUp(stripe)).toMatchObject({ object: "given_up", deliveries: 0, more: false, endpoints: [] });
  const [first, second] = [await event(), await event()];
  const both = (deliveries: number) => [one, other].map((id) => ({ webhook_endpoint: id, deliveries }));
  const { endpoints, ...counts } = await givenUp(stripe);
  expect(counts).toMatchObject({ deliveries: 4, more: false });
  expect(new Set(endpoints)).toEqual(new Set(both(2)));
  expect((await listed(stripe, `&endpoint=${one}`)).map(({ event: id }) => id)).toEqual([second, first]);

  // A delivery by hand that fails is one more that was given up; one that arrives settles both.
  await stripe.rawRequest("POST", `/v1/events/${first}/retry`, { webhook_endpoint: one });
  await server.idle();
  expect(await givenUp(stripe)).toMatchObject({ deliveries: 5, more: true });
  answers = 200;
  await stripe.rawRequest("POST", `/v1/events/${first}/retry`, { webhook_endpoint: one });
  await server.idle();
  expect((await givenUp(stripe)).deliveries).toBe(3);
  expect((await listed(stripe, `&endpoint=${one}`)).map(({ event: id }) => id)).toEqual([second]);
  expect((await ask<{ data: object[] }>(stripe, `/console/deliveries?state=exhausted&endpoint=${one}`)).data.length).toBe(3);

  await stripe.webhookEndpoints.del(other);
  expect((await givenUp(stripe)).endpoints).toEqual([{ webhook_endpoint: one, deliveries: 1 }]);
  expect((await listed(stripe)).map(({ webhook_endpoint: id }) => id)).toEqual([one]);
  const { test: stranger } = await platformOfItsOwn(server);
  expect(await givenUp(stranger)).toMatchObject({ deliveries: 0, endpoints: [] });
  answers = 500;
});
