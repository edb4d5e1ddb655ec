import { expect, test } from "vitest";
import { startCarabiner } from "../../src/index.ts";
import { platformOfItsOwn } from "../platform-of-its-own.ts";
import { startWebhookReceiver } from "../webhook-receiver.ts";

test("a webhook has the headers that Stripe's have, and a dummy signature in test mode alone", async () => {
  const server = await startCarabiner();
  const receiver = await startWebhookReceiver();
  try {
    const platform = await platformOfItsOwn(server);
    for (const mode of ["test", "live"] as const) {
      await platform[mode].webhookEndpoints.create({ url: receiver.url(`/${mode}`), enabled_events: ["customer.created"] });
      await platform[mode].customers.create({});
    }
    await server.idle();
    const sent = (mode: "test" | "live") => {
      const [webhook] = receiver.at(`/${mode}`);
      const { host: _, connection: __, "content-length": length, "stripe-signature": signature, ...headers } = webhook?.headers ?? {};
      expect(Number(length)).toBe(Buffer.byteLength(webhook?.body ?? ""));
      return { headers, signature };
    };
    const headers = {
      "content-type": "application/json; charset=utf-8",
      "user-agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
      accept: "*/*; q=0.5, application/xml",
      "accept-encoding": "identity",
      "cache-control": "no-cache",
    };
    expect(sent("test")).toEqual({ headers, signature: expect.stringMatching(/^t=\d{10},v1=[0-9a-f]{64},v0=[0-9a-f]{64}$/) });
    expect(sent("live")).toEqual({ headers, signature: expect.stringMatching(/^t=\d{10},v1=[0-9a-f]{64}$/) });
  } finally {
    await server.close();
    await receiver.close();
  }
});
