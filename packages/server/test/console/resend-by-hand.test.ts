import { afterAll, beforeAll, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../src/index.ts";
import { client, publish, refusal } from "../platform-of-its-own.ts";
import { startWebhookReceiver } from "../webhook-receiver.ts";

const DAY_S = 24 * 3_600;

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

test("an event can be resent manually for as long as it is kept, and no longer", async () => {
  const stripe = client(server, server.keys.test.secret);
  const { id } = await stripe.webhookEndpoints.create({ url: receiver.url("/"), enabled_events: ["*"] });
  const event = await publish(stripe, { type: "customer.created", data: { object: { id: "cus_1", object: "customer" } } });
  const resend = async () => {
    await stripe.rawRequest("POST", `/v1/events/${event.id}/retry`, { webhook_endpoint: id });
    await server.idle();
  };
  await server.idle();
  // Past the 15 days of Stripe's dashboard.
  await server.clock.advance({ seconds: 29 * DAY_S });
  await resend();
  expect(receiver.received.map(({ event: { id: got } }) => got)).toEqual([event.id, event.id]);
  await server.clock.advance({ seconds: 2 * DAY_S });
  expect((await refusal(resend())).code).toBe("resource_missing");
});
