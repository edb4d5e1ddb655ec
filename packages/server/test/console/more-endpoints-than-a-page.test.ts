import { expect, test } from "vitest";
import { look } from "../../src/dashboard/live/look.ts";
import { createTouchedDeliveries } from "../../src/dashboard/live/touched-deliveries.ts";
import { openStore } from "../../src/store/open-store.ts";
import { client } from "../platform-of-its-own.ts";
import { cleanUp, start } from "../server-of-its-own.ts";
import { START, storeFixture } from "../store/store-fixture.ts";
import { startWebhookReceiver } from "../webhook-receiver.ts";

const DAY = 86_400;

test("what comes next, how each does and what a setting brings are told of every endpoint", async () => {
  const receiver = await startWebhookReceiver(() => 500);
  cleanUp.push(() => receiver.close());
  const server = await start({ limits: { listItems: 1, listItemsDefault: 1 } });
  const stripe = client(server, server.keys.live.secret);
  const ids: string[] = [];
  for (const path of ["/one", "/two", "/three"])
    ids.push((await stripe.webhookEndpoints.create({ url: receiver.url(path), enabled_events: ["customer.created"] })).id);
  await stripe.customers.create({});
  await server.idle();
  const { data } = (await stripe.rawRequest("GET", "/console/upcoming?limit=50")) as unknown as { data: { webhook_endpoint?: string }[] };
  expect(data.flatMap(({ webhook_endpoint: id }) => id ?? []).toSorted()).toEqual(ids.toSorted());
  const figures = (await stripe.rawRequest("GET", "/console/endpoint_figures")) as unknown as { data: { webhook_endpoint: string }[] };
  expect(figures.data.map(({ webhook_endpoint: id }) => id).toSorted()).toEqual(ids.toSorted());
  await server.clock.advance({ seconds: 2 * DAY });
  const given = { endpoint_disable_seconds: DAY, dry_run: true };
  const { effects } = (await stripe.rawRequest("POST", "/console/platform", given)) as unknown as { effects: string[] };
  for (const id of ids) expect(effects).toContainEqual(expect.stringMatching(new RegExp(`^${id} .* its next failure disables it`)));
});

test("a resend job's next step is one of what comes next", async () => {
  const receiver = await startWebhookReceiver(() => 500);
  cleanUp.push(() => receiver.close());
  const server = await start({ retryPolicy: "none", limits: { resendsAtOnce: 1 } });
  const stripe = client(server, server.keys.test.secret);
  await stripe.webhookEndpoints.create({ url: receiver.url("/"), enabled_events: ["customer.created"] });
  const since = Math.floor(server.clock.now() / 1_000);
  for (let n = 0; n < 3; n++) await stripe.customers.create({});
  await server.idle();
  await server.clock.advance({ seconds: 10 });
  await server.clock.freeze();
  const job = (await stripe.rawRequest("POST", "/console/resend_jobs", { since, rate: 1 })) as unknown as { id: string };
  await server.idle();
  const { data } = (await stripe.rawRequest("GET", "/console/upcoming?limit=50")) as unknown as { data: object[] };
  expect(data).toContainEqual(expect.objectContaining({ kind: "resend_step", subject: job.id }));
});

test("a page that follows what happens is notified of every endpoint that changes", async () => {
  const store = await openStore({ location: "memory", now: START });
  const make = storeFixture();
  const [oldest] = await make.endpoints(store, 3);
  if (oldest === undefined) throw new Error("no endpoint");
  const who = { account: make.account({ id: oldest.accountId }), application: null, livemode: false };
  const touched = createTouchedDeliveries(1).take([]);
  const asked = { who, now: START, touched, limits: { liveItems: 1, liveOverlapMs: 0 } };
  const { seen } = await store.read((reads) => look(reads, { ...asked, before: null }));
  await store.transaction((tx) => tx.updateEndpoint({ ...oldest, description: "changed" }));
  const { changes } = await store.read((reads) => look(reads, { ...asked, before: seen }));
  expect(changes.endpoints).toEqual([oldest.id]);
  await store.close();
});
