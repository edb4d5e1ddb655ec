import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Carabiner } from "@carabiner/server";
import Stripe from "stripe";

/** A platform on which something has happened, and a receiver of its events. */
export interface PlatformWithHistory {
  stripe: Stripe;
  /** The Connect endpoint that is answered 200. */
  healthy: string;
  /** The one that is answered 500. */
  broken: string;
  /** An account that is complete, with a payout that failed. */
  florist: string;
  /** An account that has everything to submit. */
  bakery: string;
  /** A delivery that failed. */
  failing: string;
  /** The event whose object tries to be more than text. */
  hostile: string;
  /** What the receiver got, newest last. */
  received: { path: string; signature: string; body: string }[];
  receiver: Server;
}

/** What a payload may try: to run, to draw, to turn the line around, and to be as long as the server takes. */
const HOSTILE = {
  script: `<script>document.title = "owned"; alert(1)</script><img src=x onerror="alert(2)">`,
  svg: `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(3)"><script>alert(4)</script></svg>`,
  link: "javascript:alert(5)",
  turned: "\u202Eabc\u2066 ‏مرحبا بالعالم‏",
  "key with <b>markup</b>": "value",
  long: "x".repeat(990_000),
};

/** Makes the history through the API, as a platform does. */
export async function platformWithHistory(server: Carabiner): Promise<PlatformWithHistory> {
  const received: PlatformWithHistory["received"] = [];
  const receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const path = request.url ?? "";
      received.push({ path, signature: String(request.headers["stripe-signature"]), body: Buffer.concat(chunks).toString("utf8") });
      response.writeHead(path === "/broken" ? 500 : 200, { "content-type": "application/json" });
      response.end(path === "/broken" ? '{"error":"<b>TypeError</b>: order is undefined"}' : "{}");
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const at = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  const stripe = new Stripe(server.keys.test.secret, { host: server.host, port: server.port, protocol: "http", telemetry: false });
  const healthy = await stripe.webhookEndpoints.create({ url: `${at}/connect`, enabled_events: ["*"], connect: true });
  const broken = await stripe.webhookEndpoints.create({ url: `${at}/broken`, enabled_events: ["payout.failed"], connect: true });

  const capabilities = { card_payments: { requested: true }, transfers: { requested: true } };
  const made = (name: string): Promise<Stripe.Account> =>
    stripe.accounts.create({ type: "express", country: "US", business_profile: { name, mcc: "5734" }, capabilities });
  const { id: florist } = await made("Florist & Daughters");
  const { id: bakery } = await made("Tiny Bakery");
  await made("A name as long as the most patient of founders could think of ".repeat(3));
  const on = { stripeAccount: florist };
  await stripe.rawRequest("POST", `/v1/test_helpers/accounts/${florist}/complete_onboarding`, { verification: "immediate" });
  await stripe.accounts.update(florist, { business_profile: { name: "Florist & Sons" } });
  await stripe.paymentIntents.create(
    {
      amount: 12_000,
      currency: "usd",
      payment_method: "pm_card_bypassPending",
      confirm: true,
      automatic_payment_methods: { enabled: true, allow_redirects: "never" },
    },
    on,
  );
  const payout = await stripe.payouts.create({ amount: 5_000, currency: "usd" }, on);
  await stripe.rawRequest("POST", `/v1/test_helpers/payouts/${payout.id}/fail`, {}, on);
  await stripe.accounts.create({ type: "express", country: "XX" }).catch(() => undefined);
  const published = await fetch(`${server.url}/v1/events`, {
    method: "POST",
    headers: { authorization: `Bearer ${server.keys.test.secret}`, "content-type": "application/json" },
    body: JSON.stringify({
      type: "payout.updated",
      account: florist,
      data: { object: { id: "po_hostile", object: "payout", ...HOSTILE } },
    }),
  });
  const hostile = (await published.json()) as Stripe.Event;
  await server.idle();
  const failed = (await stripe.rawRequest("GET", `/console/deliveries?endpoint=${broken.id}`)) as unknown as { data: { id: string }[] };
  return {
    stripe,
    healthy: healthy.id,
    broken: broken.id,
    florist,
    bakery,
    failing: failed.data[0]?.id ?? "",
    hostile: hostile.id,
    received,
    receiver,
  };
}
