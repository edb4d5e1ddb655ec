import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { type Carabiner, startCarabiner } from "@carabiner/server";
import Stripe from "stripe";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { memoryInbox } from "../src/inbox/memory-inbox.ts";
import { createReceiver, type Report } from "../src/index.ts";

// Thin events of a real server, to a receiver that listens, and what they are about fetched from there.

let carabiner: Carabiner;
let stripe: Stripe;
let url: string;
const secrets = new Map<string, string>();
let listener: RequestListener;
const closing: (() => Promise<unknown>)[] = [];

const OWN = ["v1.product.created", "v2.core.account_person.created", "v2.core.account_person.updated"];
const ACCOUNTS = [
  "v1.account.updated",
  "v1.capability.updated",
  "v1.balance.available",
  "v1.account.application.authorized",
  "v1.account.application.deauthorized",
];

beforeAll(async () => {
  carabiner = await startCarabiner();
  closing.push(() => carabiner.close());
  stripe = new Stripe(carabiner.keys.test.secret, {
    host: carabiner.host,
    port: carabiner.port,
    protocol: "http",
    maxNetworkRetries: 0,
  });
  const server = createServer((request, response) => listener(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/stripe`;
  for (const [scope, types] of [
    ["@self", OWN],
    ["@accounts", ACCOUNTS],
  ] as const) {
    const made = await stripe.v2.core.eventDestinations.create({
      name: scope,
      type: "webhook_endpoint",
      event_payload: "thin",
      enabled_events: [...types],
      events_from: [scope],
      include: ["webhook_endpoint.signing_secret"],
      webhook_endpoint: { url },
    });
    secrets.set(scope, made.webhook_endpoint?.signing_secret ?? "");
  }
  const whole = await stripe.webhookEndpoints.create({ url, connect: true, enabled_events: ["account.updated"] });
  secrets.set("whole", whole.secret ?? "");
});
afterAll(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

let reports: Report[];
function receiver() {
  const secretOf = (name: string): string => secrets.get(name) ?? "";
  const hooks = createReceiver({
    endpoints: {
      own: { secret: secretOf("@self") },
      // Whole and thin events come to one lane: each destination has its own secret.
      connect: { secret: [secretOf("@accounts"), secretOf("whole")], connect: true },
    },
    livemode: false,
    inbox: memoryInbox(),
    stripe,
    log: false,
    onReport: (report) => reports.push(report),
  });
  listener = hooks.node;
  return hooks;
}
beforeEach(() => {
  reports = [];
});

const outcomes = (): string[] => reports.flatMap((report) => ("outcome" in report ? [report.outcome] : [report.kind]));

test("a change of a connected account comes whole and thin, and is fetched with its context", async () => {
  const hooks = receiver();
  const whole: string[] = [];
  const thin: unknown[] = [];
  hooks.connect.on("account.updated", (event) => whole.push(event.id));
  const { id } = await stripe.accounts.create({ type: "custom", country: "US", business_profile: { name: "Before" } });
  await carabiner.idle();
  hooks.connect.on("v1.account.updated", async (event, { account, fresh }) => {
    const [now, { changes, reason }] = await Promise.all([fresh(), event.fetchEvent()]);
    thin.push({ account, snapshot: event.snapshot_event, name: now.business_profile?.name, changes, because: reason?.type });
  });
  whole.splice(0);
  await stripe.accounts.update(id, { business_profile: { name: "After" } });
  await carabiner.idle();
  await hooks.idle();
  expect(thin).toMatchObject([
    {
      account: id,
      snapshot: whole[0],
      name: "After",
      changes: { before: { business_profile: { name: "Before" } }, after: { business_profile: { name: "After" } } },
      because: "request",
    },
  ]);
  expect(whole).toHaveLength(1);
  expect(outcomes()).not.toContain("retry");
});

test("own events are fetched as the platform, those of an account of v2 with the account they are about", async () => {
  const hooks = receiver();
  const seen: unknown[] = [];
  hooks.own.on("v1.product.created", async (_event, { account, fresh }) => seen.push([account, (await fresh()).name]));
  hooks.own.on("v2.core.account_person.created", async (event, { account, fresh }) => {
    const [person, whole] = await Promise.all([fresh(), event.fetchEvent()]);
    seen.push([account, person.id, person.given_name, whole.data.account_id]);
    expect(await whole.fetchRelatedObject()).toMatchObject({ id: person.id });
  });
  await stripe.products.create({ name: "Rope" });
  await carabiner.idle();
  const { id } = await stripe.accounts.create({ type: "custom", country: "US", business_type: "company" });
  const person = await stripe.v2.core.accounts.persons.create(id, { given_name: "Jenny", surname: "Rosen" });
  await carabiner.idle();
  await hooks.idle();
  expect(seen).toEqual([
    [null, "Rope"],
    [id, person.id, "Jenny", id],
  ]);
});

test("a ping is answered and needs no handler", async () => {
  receiver();
  const { data } = await stripe.v2.core.eventDestinations.list();
  for (const { id } of data.filter(({ event_payload }) => event_payload === "thin")) await stripe.v2.core.eventDestinations.ping(id);
  await carabiner.idle();
  expect(outcomes()).toEqual(["unhandled", "unhandled"]);
});

test("the thin event reports that an account leaves", async () => {
  const hooks = receiver();
  const seen: unknown[] = [];
  hooks.onDeauthorized(({ account }) => seen.push(account));
  hooks.connect.on("v1.account.updated", () => seen.push("updated"));
  const { id } = await stripe.accounts.create({ type: "standard" });
  await carabiner.idle();
  seen.splice(0);
  await stripe.oauth.deauthorize({ client_id: carabiner.applications.test, stripe_user_id: id });
  await carabiner.idle();
  await hooks.idle();
  expect(seen).toEqual([id]);
  expect(reports.filter((report) => report.kind === "connection" && report.outcome === "deauthorized")).toMatchObject([{ account: id }]);
});

test("an account that leaves is reported once if both forms arrive", async () => {
  const hooks = receiver();
  const seen: unknown[] = [];
  hooks.onDeauthorized(({ account }) => seen.push(account));
  const { id } = await stripe.accounts.create({ type: "standard" });
  const { data } = await stripe.webhookEndpoints.list();
  const whole = data.find(({ enabled_events: [first] }) => first === "account.updated")?.id ?? "";
  await stripe.webhookEndpoints.update(whole, { enabled_events: ["account.updated", "account.application.deauthorized"] });
  await stripe.oauth.deauthorize({ client_id: carabiner.applications.test, stripe_user_id: id });
  await carabiner.idle();
  await hooks.idle();
  await stripe.webhookEndpoints.update(whole, { enabled_events: ["account.updated"] });
  expect(reports.filter((report) => report.kind === "handled" && report.handler === "deauthorized")).toHaveLength(2);
  expect(seen).toEqual([id]);
});

test("a verb gets requirements from thin events, with the account as it is now", async () => {
  const hooks = receiver();
  const { id } = await stripe.accounts.create({ type: "custom", country: "US", business_type: "individual" });
  await carabiner.idle();
  const due: unknown[] = [];
  hooks.onRequirementsDue(({ account, due: fields, event }) => due.push([account, event.type, fields.includes("individual.first_name")]));
  await stripe.accounts.update(id, { capabilities: { transfers: { requested: true } } });
  await carabiner.idle();
  await hooks.idle();
  // By the whole event and by the thin one.
  expect(due).toEqual([
    [id, "account.updated", true],
    [id, "account.updated", true],
  ]);
});

test("thin events that never arrived are found, and those that did are not taken twice", async () => {
  const hooks = receiver();
  const seen: unknown[] = [];
  hooks.connect.on("v1.account.updated", { order: "any" }, async (_event, { account, fresh }) =>
    seen.push([account, (await fresh()).email]),
  );
  hooks.own.on("v2.core.account_person.created", (event, { account }) => seen.push([account, event.related_object.type]));
  const { id } = await stripe.accounts.create({ type: "custom", country: "US", business_type: "company" });
  await carabiner.idle();
  await hooks.idle();
  const open = listener;
  listener = (_request, response) => response.writeHead(500).end();
  await stripe.accounts.update(id, { email: "jenny@example.com" });
  await stripe.v2.core.accounts.persons.create(id, { given_name: "Jenny" });
  await carabiner.idle();
  listener = open;
  seen.splice(0);
  const found = await hooks.reconcile({ sinceMs: 3_600_000, accounts: [id] });
  expect(found.failed).toEqual([]);
  await hooks.drain();
  await hooks.idle();
  const mine = seen.filter((one) => (one as unknown[])[0] === id);
  expect(mine).toContainEqual([id, "jenny@example.com"]);
  expect(mine).toContainEqual([id, "v2.core.account_person"]);
  expect(await hooks.reconcile({ sinceMs: 3_600_000, accounts: [id] })).toMatchObject({ added: 0, failed: [] });
});
