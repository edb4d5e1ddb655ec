import { afterAll, beforeAll, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../src/index.ts";
import { type Platform, platformOfItsOwn, publish, refusal } from "../platform-of-its-own.ts";
import { startWebhookReceiver } from "../webhook-receiver.ts";

interface ShownEvent {
  id: string;
  type: string;
  account?: string;
  deliveries: { state: string; webhook_endpoint: string; last_attempt: { status: number; reason: string } | null }[];
}

let server: Carabiner;
let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>;
let mine: Platform;
let theirs: Platform;
beforeAll(async () => {
  receiver = await startWebhookReceiver(({ path }) => (path === "/bad" ? 500 : 200));
  server = await startCarabiner();
  mine = await platformOfItsOwn(server);
  theirs = await platformOfItsOwn(server);
});
afterAll(async () => {
  await server.close();
  await receiver.close();
});

const console_ = async <Answer>({ test: stripe }: Platform, path: string): Promise<Answer> =>
  (await stripe.rawRequest("GET", `/console/${path}`)) as unknown as Answer;
const listed = async (platform: Platform, query = ""): Promise<ShownEvent[]> =>
  (await console_<{ data: ShownEvent[] }>(platform, `events${query}`)).data;
const object = { id: "cus_1", object: "customer" };

test("a platform sees the events of its account and of all connected ones, with its own deliveries, and nobody else's", async () => {
  const bad = await mine.test.webhookEndpoints.create({ url: receiver.url("/bad"), enabled_events: ["customer.created"], connect: true });
  const account = await mine.test.accounts.create({ type: "custom", country: "US" });
  const other = await theirs.test.accounts.create({ type: "custom", country: "US" });
  const own = await publish(mine.test, { type: "customer.created", data: { object } });
  const connected = await publish(mine.test, { type: "customer.created", data: { object } }, { stripeAccount: account.id });
  const foreign = await publish(theirs.test, { type: "customer.created", data: { object } }, { stripeAccount: other.id });
  await server.idle();

  const shown = await listed(mine, "?type=customer.created");
  expect(shown.map(({ id, account: of }) => [id, of])).toEqual([
    [connected.id, account.id],
    [own.id, undefined],
  ]);
  expect(shown[0]?.deliveries).toMatchObject([
    { state: "pending", webhook_endpoint: bad.id, last_attempt: { status: 500, reason: expect.stringContaining("500") } },
  ]);
  expect(shown[1]?.deliveries).toEqual([]);
  expect(await console_(mine, `events/${connected.id}`)).toEqual(shown[0]);
  expect((await listed(mine, "?delivery_success=false")).map(({ id }) => id)).toEqual([connected.id]);
  expect((await listed(mine, `?account=${account.id}&type=customer.*`)).map(({ id }) => id)).toEqual([connected.id]);
  expect((await listed(mine, `?starting_after=${connected.id}&type=customer.created`)).map(({ id }) => id)).toEqual([own.id]);

  for (const path of [`events/${foreign.id}`, `events/${connected.id}?account=${other.id}`])
    expect(await refusal(console_(mine, path)), path).toMatchObject({ status: 404, code: "resource_missing" });
  expect(await refusal(console_(mine, `events?starting_after=${foreign.id}`))).toMatchObject({ status: 400, code: "resource_missing" });
  expect(await refusal(console_(mine, `events?account=${other.id}`))).toMatchObject({ code: "account_invalid" });
  expect(await refusal(console_(mine, `deliveries?account=${other.id}`))).toMatchObject({ code: "account_invalid" });
  expect((await listed(mine)).every(({ account: of }) => of !== other.id)).toBe(true);
});

test("what happens to an account in another mode, or is for the account alone, is not shown", async () => {
  const account = await mine.test.accounts.create({ type: "standard", country: "US" });
  const live = (await mine.live.rawRequest("GET", "/console/events")) as unknown as { data: ShownEvent[] };
  expect(live.data.filter((event) => event.account === account.id)).toEqual([]);
});

test("a thin event has the fields of a whole one, and can be distinguished from it", async () => {
  const platform = await platformOfItsOwn(server);
  await platform.test.v2.core.eventDestinations.create({
    name: "thin",
    type: "webhook_endpoint",
    event_payload: "thin",
    events_from: ["@self", "@accounts"],
    enabled_events: ["v1.customer.created", "v1.balance.available"],
    webhook_endpoint: { url: receiver.url("/bad") },
  });
  const account = await platform.test.accounts.create({ type: "custom", country: "US" });
  const whole = await publish(platform.test, { type: "customer.created", data: { object } }, { stripeAccount: account.id });
  await server.idle();

  const [thin] = await listed(platform, "?type=v1.customer.created");
  expect(thin).toMatchObject({
    object: "event",
    type: "v1.customer.created",
    account: account.id,
    api_version: null,
    created: whole.created,
    data: { object: { id: "cus_1", object: "customer" } },
    pending_webhooks: 1,
    request: whole.request,
    deliveries: [{ state: "pending" }],
  });
  const shown = await platform.test.v2.core.events.retrieve(thin?.id ?? "", {}, { stripeContext: account.id });
  expect(thin).toHaveProperty("thin", { ...JSON.parse(JSON.stringify(shown)), context: account.id });
  expect(await console_(platform, `events/${thin?.id}`)).toEqual(thin);

  expect((await listed(platform, "?payload=thin")).map(({ id }) => id)).toEqual([thin?.id]);
  const snapshots = await listed(platform, "?payload=snapshot");
  expect(snapshots.length).toBeGreaterThan(0);
  for (const event of snapshots) expect(event).not.toHaveProperty("thin");

  const about = await publish(platform.test, { type: "balance.available", data: { object: { object: "balance" } } });
  await server.idle();
  const [ofBalance] = await listed(platform, "?type=v1.balance.available");
  expect(ofBalance).toMatchObject({ data: { object: { object: "balance" } }, thin: { snapshot_event: about.id } });
});
