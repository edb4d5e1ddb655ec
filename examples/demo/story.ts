import { startCarabiner } from "@carabiner/server";
import Stripe from "stripe";
import { formatDuration } from "../../packages/cli/src/output/duration.ts";
import { formatTable } from "../../packages/cli/src/output/table.ts";
import type { Narrator } from "./narrator.ts";
import { startReceiver } from "./receiver.ts";

/** What the story reads of a delivery. Times are Unix seconds. */
interface Delivery {
  id: string;
  event: string;
  event_type: string;
  account: string;
  livemode: boolean;
  webhook_endpoint: string;
  state: string;
  attempt_count: number;
  created: number;
  attempts: { number: number; at: number; status: number | null }[];
}

const DAY_S = 86_400;

/** A test number: the bank says that the account is closed. Source: https://docs.stripe.com/connect/testing */
const CLOSED = "000111111113";

/**
 * Plays the life of a platform from its first endpoint to an account that leaves, against a server and a receiver in
 * this process. `now` gives milliseconds, for how long things took.
 */
export async function playStory(narrator: Narrator, now: () => number): Promise<void> {
  const { scene, act, fact, style } = narrator;
  const began = now();
  const took = (since: number): string => {
    const ms = now() - since;
    return ms < 1_000 ? `${Math.ceil(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
  };

  narrator.block(style("bold", "\nCarabiner: a platform, the accounts connected to it, and the webhooks they cause"));

  const carabiner = await startCarabiner({ allowCustomEventTypes: true });
  const receiver = await startReceiver();
  try {
    const where = { host: "127.0.0.1", port: carabiner.port, protocol: "http" as const };
    const stripe = new Stripe(carabiner.keys.test.secret, where);
    const live = new Stripe(carabiner.keys.live.secret, where);
    const names = new Map([[carabiner.account, "platform"]]);
    const endpoints = new Map<string, string>();
    const nameOf = (account: string | undefined): string => names.get(account ?? carabiner.account) ?? account ?? "";

    /** Waits until everything owed now has been tried, and tells what came in. */
    async function settle(): Promise<ReturnType<typeof receiver.arrivals>> {
      await carabiner.idle();
      const arrivals = receiver.arrivals();
      for (const arrival of arrivals) narrator.arrival(arrival, nameOf(arrival.event.account));
      return arrivals;
    }
    async function register(client: Stripe, path: string, connect: boolean): Promise<string> {
      const endpoint = await client.webhookEndpoints.create({ url: receiver.url + path, enabled_events: ["*"], connect });
      receiver.expect(path, endpoint.secret as string);
      endpoints.set(endpoint.id, path);
      fact(`${endpoint.id}  ${path.padEnd(9)} application: ${endpoint.application ?? "null"}`);
      return endpoint.id;
    }
    async function connect(client: Stripe, name: string, type: "standard" | "express" | "custom"): Promise<Stripe.Account> {
      const account = await client.accounts.create({ type, business_profile: { name } });
      names.set(account.id, name);
      fact(`${account.id}  ${name}, ${type}`);
      return account;
    }
    async function deliveries(client: Stripe, query = ""): Promise<Delivery[]> {
      return ((await client.rawRequest("GET", `/console/deliveries?limit=100${query}`)) as unknown as { data: Delivery[] }).data;
    }
    async function lastDelivery(endpoint: string): Promise<Delivery> {
      const [last] = await deliveries(live, `&endpoint=${endpoint}`);
      if (last === undefined) throw new Error(`nothing was owed to ${endpoint}`);
      return (await live.rawRequest("GET", `/console/deliveries/${last.id}`)) as unknown as Delivery;
    }

    fact(`server   ${carabiner.url}  ${style("dim", `started in ${took(began)}; the official stripe package talks to it`)}`);
    fact(`receiver ${receiver.url}  ${style("dim", "verifies every signature with stripe.webhooks.constructEvent")}`);

    scene("The platform registers two endpoints");
    act('webhookEndpoints.create({ url, enabled_events: ["*"] })                  for its own events');
    await register(stripe, "/own", false);
    act('webhookEndpoints.create({ url, enabled_events: ["*"], connect: true })   for those of connected accounts');
    await register(stripe, "/connect", true);

    scene("Three accounts connect");
    act("accounts.create({ type })");
    const bakery = await connect(stripe, "bakery", "standard");
    const florist = await connect(stripe, "florist", "express");
    const courier = await connect(stripe, "courier", "custom");
    await settle();

    scene("One of them changes");
    act('accounts.update(florist, { business_profile: { name: "Tulip & Daughters" } })');
    await stripe.accounts.update(florist.id, { business_profile: { name: "Tulip & Daughters" } });
    for (const { event } of await settle()) fact(`previous_attributes: ${JSON.stringify(event.data.previous_attributes)}`);

    scene("The same call, on whose account?");
    act("customers.create({ email })                                   the platform's own customer");
    await stripe.customers.create({ email: "ada@example.com" });
    await settle();
    act("customers.create({ email }, { stripeAccount: courier })       a customer of the courier");
    await stripe.customers.create({ email: "grace@example.com" }, { stripeAccount: courier.id });
    for (const { event } of await settle())
      fact(`account: "${event.account}"  ${style("dim", "only events of connected accounts carry it")}`);

    scene("An event of one's own");
    act('POST /v1/events  type=order.shipped  data[object]={ id: "ord_7", object: "order" }');
    await stripe.rawRequest("POST", "/v1/events", { type: "order.shipped", data: { object: { id: "ord_7", object: "order" } } });
    await settle();

    scene("Live mode, and a receiver that is broken for a while");
    act('webhookEndpoints.create({ url, enabled_events: ["*"], connect: true })   with the live key');
    const liveEndpoint = await register(live, "/live", true);
    const tailor = await connect(live, "tailor", "express");
    await settle();
    receiver.breakDown("/live", 2);
    act("accounts.update(tailor, …)                                    the receiver answers 500, twice");
    await live.accounts.update(tailor.id, { metadata: { step: "1" } });
    await settle();
    act("the clock is turned by an hour");
    const hour = now();
    await carabiner.clock.advance({ seconds: 3_600 });
    const recovered = took(hour);
    await settle();
    fact(`tried ${triedAfter(await lastDelivery(liveEndpoint))}  ${style("dim", `an hour took ${recovered}`)}`);

    scene("A receiver that stays broken");
    receiver.breakDown("/live", Number.POSITIVE_INFINITY);
    act("accounts.update(tailor, …), then the clock is turned by three days");
    await live.accounts.update(tailor.id, { metadata: { step: "2" } });
    await carabiner.idle();
    const days = now();
    await carabiner.clock.advance({ seconds: 3 * DAY_S });
    await carabiner.idle();
    const turned = took(days);
    const given = await lastDelivery(liveEndpoint);
    receiver.arrivals();
    receiver.breakDown("/live", 0);
    fact(`tried ${triedAfter(given)}`);
    fact(`${style("red", given.state)} after ${given.attempt_count} attempts: ${style("bold", `3 days of retries in ${turned}`)}`);

    scene("A payout that fails");
    act('accounts.create({ type: "custom", external_account })             at a bank that returns what it gets');
    const grocer = await stripe.accounts.create({
      type: "custom",
      country: "US",
      business_profile: { name: "grocer" },
      capabilities: { card_payments: { requested: true }, transfers: { requested: true } },
      external_account: { object: "bank_account", country: "US", currency: "usd", routing_number: "110000000", account_number: CLOSED },
      settings: { payouts: { schedule: { interval: "manual" } } },
    });
    names.set(grocer.id, "grocer");
    act("POST /v1/test_helpers/accounts/:account/complete_onboarding      all that is asked of it, answered and verified");
    await stripe.rawRequest("POST", `/v1/test_helpers/accounts/${grocer.id}/complete_onboarding`);
    const acting = { stripeAccount: grocer.id };
    act("paymentIntents.create, payouts.create                             on the grocer's account");
    await stripe.paymentIntents.create({ amount: 50_00, currency: "usd", confirm: true, payment_method: "pm_card_bypassPending" }, acting);
    await stripe.payouts.create({ amount: 20_00, currency: "usd" }, acting);
    await carabiner.idle();
    receiver.arrivals();
    act("the clock is turned by a week");
    await carabiner.clock.advance({ seconds: 7 * DAY_S });
    for (const { event } of await settle()) {
      if (event.type === "payout.failed") fact(`failure_code: ${event.data.object.failure_code}`);
      if (event.type === "account.external_account.updated") fact(`status: ${(event.data.object as Stripe.BankAccount).status}`);
      if (event.type === "account.updated") fact(`currently_due: ${event.data.object.requirements?.currently_due?.join(", ")}`);
    }
    act("payouts.create                                                    and until the bank account is updated, none goes out");
    const blocked = await stripe.payouts.create({ amount: 20_00, currency: "usd" }, acting).then(
      () => null,
      (error: unknown) => error,
    );
    if (!(blocked instanceof Stripe.errors.StripeInvalidRequestError))
      throw new Error("a payout to a bank account that failed went out", { cause: blocked });
    fact(`${style("red", String(blocked.statusCode))} ${blocked.code}: ${blocked.message}`);
    const [bank] = (await stripe.accounts.listExternalAccounts(grocer.id)).data;
    act("accounts.updateExternalAccount(grocer, bank)                      the cure");
    await stripe.accounts.updateExternalAccount(grocer.id, bank?.id ?? "", {});
    await settle();

    scene("A user leaves");
    act("accounts.del(bakery)");
    await stripe.accounts.del(bakery.id);
    await settle();
    act("accounts.retrieve(bakery)");
    const refused = await stripe.accounts.retrieve(bakery.id).then(
      () => null,
      (error: unknown) => error,
    );
    if (!(refused instanceof Stripe.errors.StripePermissionError))
      throw new Error("an account that left could still be read", { cause: refused });
    fact(`${style("red", String(refused.statusCode))} ${refused.code}: ${refused.message}`);

    scene("What was delivered, and where");
    const all = [...(await deliveries(stripe)), ...(await deliveries(live))].sort((one, other) => (one.id < other.id ? -1 : 1));
    const dress: Readonly<Record<string, Parameters<typeof style>[0]>> = { succeeded: "green", exhausted: "red" };
    narrator.block(
      formatTable<Delivery>(
        [
          { head: "EVENT", cell: (delivery) => delivery.event_type },
          { head: "ACCOUNT", cell: ({ account }) => nameOf(account) },
          { head: "ENDPOINT", cell: (delivery) => endpoints.get(delivery.webhook_endpoint) ?? delivery.webhook_endpoint },
          { head: "LIVEMODE", cell: ({ livemode }) => String(livemode) },
          { head: "ATTEMPTS", cell: (delivery) => String(delivery.attempt_count), align: "right" },
          { head: "STATE", cell: ({ state }) => style(dress[state] ?? "yellow", state) },
        ],
        all,
        { width: null, head: (heads) => style("dim", heads) },
      ),
    );
    const events = new Set(all.map(({ event }) => event)).size;
    const attempts = all.reduce((sum, delivery) => sum + delivery.attempt_count, 0);
    narrator.block(`\n${events} events, ${all.length} deliveries, ${attempts} attempts, ten days: ${style("bold", took(began))}`);
    narrator.block(`${style("dim", "Next:")} npm start\n`);
  } finally {
    await carabiner.close();
    await receiver.close();
  }
}

/**
 * How long after the delivery was made each attempt came, and how it was answered: `at once 500, 5m 2s 500, 36m 200`.
 */
function triedAfter({ attempts, created }: Delivery): string {
  return attempts.map(({ at, status }) => `${at - created < 1 ? "at once" : formatDuration(at - created)} ${status ?? "-"}`).join(", ");
}
