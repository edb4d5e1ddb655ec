import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Carabiner, startCarabiner } from "../../src/index.ts";
import { SqliteReads } from "../../src/store/sqlite/sqlite-reads.ts";
import { type Platform, platformOfItsOwn, publish, refusal } from "../platform-of-its-own.ts";
import { startWebhookReceiver } from "../webhook-receiver.ts";

interface Job {
  id: string;
  status: string;
  progress: number;
  resent: number;
  skipped: number;
  endpoints: { endpoint: string; resent: number; skipped: number }[];
}
interface Delivery {
  event: string;
  kind: string;
  state: string;
  attempt_count: number;
}

const DAY_S = 24 * 3_600;
/** Fewer than most jobs here send again. */
const EVENTS_HELD = 2;
/** As many as most jobs here look at. */
const LOOKED_AT_ONCE = 5;
/** As many jobs may run at once for a platform. */
const RUNNING = 7;

let server: Carabiner;
let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>;
/** What the receiver answers. */
let answers = 200;
beforeAll(async () => {
  receiver = await startWebhookReceiver(() => answers);
  server = await startCarabiner({
    limits: {
      resendEventsHeld: EVENTS_HELD,
      resendJobsRunning: RUNNING,
      resendsPerSecond: 50,
      resendLookedAtOnce: LOOKED_AT_ONCE,
    },
  });
  await server.clock.freeze();
});
afterAll(async () => {
  await server.close();
  await receiver.close();
});

const post = async (platform: Platform, path: string, params: object = {}) =>
  (await platform.test.rawRequest("POST", `/console/${path}`, params as Record<string, unknown>)) as unknown as Job;
const job = async (platform: Platform, id: string) =>
  (await platform.test.rawRequest("GET", `/console/resend_jobs/${id}`)) as unknown as Job;
const deliveries = async (platform: Platform, query: string) =>
  ((await platform.test.rawRequest("GET", `/console/deliveries?limit=100&${query}`)) as unknown as { data: Delivery[] }).data;
const begun = () => Math.floor(server.clock.now() / 1_000);
const advance = (seconds: number) => server.clock.advance({ seconds });

/** A platform with events that its endpoint did not receive, given up. */
async function undelivered(
  path: string,
  count: number,
): Promise<{ platform: Platform; endpoint: string; events: string[]; since: number }> {
  const platform = await platformOfItsOwn(server);
  const since = begun();
  const { id } = await platform.test.webhookEndpoints.create({ url: receiver.url(path), enabled_events: ["customer.created"] });
  answers = 500;
  const events: string[] = [];
  for (let n = 0; n < count; n++)
    events.push((await publish(platform.test, { type: "customer.created", data: { object: { id: `cus_${n}`, object: "customer" } } })).id);
  await advance(DAY_S);
  expect((await deliveries(platform, "state=exhausted")).length).toBe(count);
  answers = 200;
  return { platform, endpoint: id, events, since };
}

test("a job resends each delivery that was given up once, in the order in which they were made; a dry run only counts them", async () => {
  const { platform, endpoint, events, since } = await undelivered("/once", 5);
  const before = receiver.at("/once").length;
  const dry = await post(platform, "resend_jobs", { since, dry_run: true });
  await server.idle();
  expect(await job(platform, dry.id)).toMatchObject({
    ...{ status: "succeeded", dry_run: true, progress: 1, resent: 5, skipped: 0 },
    endpoints: [{ endpoint, resent: 5, skipped: 0 }],
  });
  expect(receiver.at("/once").length).toBe(before);

  const real = await post(platform, "resend_jobs", { since });
  expect(real).toMatchObject({ status: "running", filter: { state: "undelivered", since, endpoint: null } });
  await server.idle();
  expect(await job(platform, real.id)).toMatchObject({ status: "succeeded", resent: 5, looked_at: 5 });
  expect(
    receiver
      .at("/once")
      .slice(before)
      .map(({ event }) => event.id)
      .toSorted(),
  ).toEqual(events.toSorted());
  expect(await deliveries(platform, "state=succeeded")).toMatchObject(
    events.toReversed().map((event) => ({ event, kind: "resent", attempt_count: 1 })),
  );

  const again = await post(platform, "resend_jobs", { since });
  await server.idle();
  expect(await job(platform, again.id)).toMatchObject({ status: "succeeded", resent: 0 });
  const replay = await post(platform, "resend_jobs", { since, state: "succeeded" });
  await server.idle();
  expect(await job(platform, replay.id)).toMatchObject({ resent: 5 });
  const listed = (await platform.test.rawRequest("GET", "/console/resend_jobs")) as unknown as { data: Job[] };
  expect(listed.data.map(({ id }) => id)).toEqual([replay.id, again.id, real.id, dry.id]);
});

test("a step has few events in memory at a time, which may be large", async () => {
  const { platform, since } = await undelivered("/few", 5);
  const read = vi.spyOn(SqliteReads.prototype, "eventsById");
  try {
    for (const dryRun of [true, false]) {
      const { id } = await post(platform, "resend_jobs", { since, dry_run: dryRun });
      await server.idle();
      expect(await job(platform, id)).toMatchObject({ resent: 5, looked_at: 5 });
      expect(read.mock.calls.splice(0).map(([ids]) => ids.length)).toEqual([2, 2, 1]);
    }
  } finally {
    read.mockRestore();
  }
});

test("a step of a dry run looks at resendLookedAtOnce deliveries, and the next step at the next ones", async () => {
  const { platform, since } = await undelivered("/looked", LOOKED_AT_ONCE + 1);
  const walked = vi.spyOn(SqliteReads.prototype, "eventsById");
  try {
    const { id } = await post(platform, "resend_jobs", { since, dry_run: true });
    await server.idle();
    expect(await job(platform, id)).toMatchObject({ resent: LOOKED_AT_ONCE + 1, looked_at: LOOKED_AT_ONCE + 1 });
    // Events are read two at a time within a step.
    expect(walked.mock.calls.map(([ids]) => ids.length)).toEqual([2, 2, 1, 1]);
  } finally {
    walked.mockRestore();
  }
});

test("resent deliveries follow the retry policy, unless a single try was requested", async () => {
  const { platform, since } = await undelivered("/retried", 2);
  answers = 503;
  await post(platform, "resend_jobs", { since, once: true });
  await server.idle();
  expect((await deliveries(platform, "state=exhausted&status=503")).map(({ kind, attempt_count }) => [kind, attempt_count])).toEqual([
    ["manual", 1],
    ["manual", 1],
  ]);
  await post(platform, "resend_jobs", { since });
  await server.idle();
  const pending = await deliveries(platform, "state=retrying");
  expect(pending.map(({ kind, attempt_count }) => [kind, attempt_count])).toEqual([
    ["resent", 1],
    ["resent", 1],
  ]);
  // While one is pending, another job makes none.
  const third = await post(platform, "resend_jobs", { since });
  await server.idle();
  expect(await job(platform, third.id)).toMatchObject({ status: "succeeded", resent: 0 });
  answers = 200;
  await advance(DAY_S);
  expect((await deliveries(platform, "state=succeeded")).map(({ attempt_count }) => attempt_count)).toEqual([2, 2]);
});

test("deliveries that an endpoint missed while it was disabled are recovered; while it is disabled, they are skipped", async () => {
  const platform = await platformOfItsOwn(server);
  const since = begun();
  const [one, other] = await Promise.all(
    ["/recovered", "/other"].map((path) =>
      platform.test.webhookEndpoints.create({ url: receiver.url(path), enabled_events: ["customer.created"] }),
    ),
  );
  const ids = [one?.id ?? "", other?.id ?? ""];
  for (const id of ids) await platform.test.webhookEndpoints.update(id, { disabled: true });
  const { id: event } = await publish(platform.test, { type: "customer.created", data: { object: { id: "cus_1", object: "customer" } } });
  const skipped = await post(platform, "resend_jobs", { since, endpoint: ids[0] });
  await server.idle();
  expect(await job(platform, skipped.id)).toMatchObject({
    resent: 0,
    skipped: 1,
    endpoints: [{ endpoint: ids[0], resent: 0, skipped: 1 }],
  });
  for (const id of ids) await platform.test.webhookEndpoints.update(id, { disabled: false });
  const recovered = await post(platform, "resend_jobs", { since, endpoint: ids[0] });
  await server.idle();
  expect(await job(platform, recovered.id)).toMatchObject({ resent: 1, skipped: 0 });
  expect(receiver.at("/recovered").map((webhook) => webhook.event.id)).toEqual([event]);
  expect(receiver.at("/other")).toEqual([]);
});

test("a job keeps to its rate, stops while it is paused, continues from there, and ends when it is canceled", async () => {
  const { platform, since } = await undelivered("/paced", 6);
  const { id } = await post(platform, "resend_jobs", { since, rate: 1 });
  await server.idle();
  expect(await job(platform, id)).toMatchObject({ status: "running", resent: 1 });
  await advance(1);
  expect(await job(platform, id)).toMatchObject({ resent: 2 });
  expect(await post(platform, `resend_jobs/${id}/pause`)).toMatchObject({ status: "paused" });
  await advance(60);
  expect(await job(platform, id)).toMatchObject({ status: "paused", resent: 2 });
  expect(await refusal(post(platform, `resend_jobs/${id}/pause`))).toMatchObject({ status: 400, param: "job" });
  await post(platform, `resend_jobs/${id}/resume`);
  await server.idle();
  expect(await job(platform, id)).toMatchObject({ status: "running", resent: 3 });
  await advance(1);
  expect(await post(platform, `resend_jobs/${id}/cancel`)).toMatchObject({ status: "canceled", resent: 4 });
  await advance(60);
  expect(await job(platform, id)).toMatchObject({ status: "canceled", resent: 4 });
  for (const act of ["pause", "resume", "cancel"])
    expect(await refusal(post(platform, `resend_jobs/${id}/${act}`)), act).toMatchObject({ status: 400, param: "job" });
  expect((await deliveries(platform, "state=succeeded")).length).toBe(4);
});

test("a job is its owner's, in its mode, and a wrong request makes none", async () => {
  const platform = await platformOfItsOwn(server);
  const { id } = await post(platform, "resend_jobs", { since: begun() });
  const stranger = await platformOfItsOwn(server);
  for (const act of ["", "/pause", "/cancel"])
    expect(await refusal(act === "" ? job(stranger, id) : post(stranger, `resend_jobs/${id}${act}`)), act).toMatchObject({
      status: 404,
      code: "resource_missing",
    });
  expect(await refusal(platform.live.rawRequest("GET", `/console/resend_jobs/${id}`))).toMatchObject({ status: 404 });
  const { id: endpoint } = await stranger.test.webhookEndpoints.create({ url: receiver.url("/x"), enabled_events: ["*"] });
  for (const [params, param] of [
    [{}, "since"],
    [{ since: begun(), until: begun() - 10 }, "since"],
    [{ since: begun(), state: "pending" }, "state"],
    [{ since: begun(), rate: 0 }, "rate"],
    [{ since: begun(), rate: 1e9 }, "rate"],
    [{ since: begun(), endpoint }, "endpoint"],
  ] as const)
    expect(await refusal(post(platform, "resend_jobs", params)), JSON.stringify(params)).toMatchObject({ param });
  const listed = (await platform.test.rawRequest("GET", "/console/resend_jobs")) as unknown as { data: Job[] };
  expect(listed.data.map((each) => each.id)).toEqual([id]);
});

test("as many jobs of a platform run at once as may, also when paused ones are resumed", async () => {
  // Each sends one at once and waits with the next.
  const { platform, since } = await undelivered("/many", 30);
  const slow = { since, rate: 1 };
  const { id: paused } = await post(platform, "resend_jobs", slow);
  await post(platform, `resend_jobs/${paused}/pause`);
  const { id: first } = await post(platform, "resend_jobs", slow);
  for (let n = 1; n < RUNNING; n++) await post(platform, "resend_jobs", slow);
  for (const refused of [post(platform, "resend_jobs", slow), post(platform, `resend_jobs/${paused}/resume`)])
    expect(await refusal(refused)).toMatchObject({ status: 429, message: expect.stringContaining(String(RUNNING)) });
  expect(await job(platform, paused)).toMatchObject({ status: "paused" });
  await post(platform, `resend_jobs/${first}/cancel`);
  expect(await post(platform, `resend_jobs/${paused}/resume`)).toMatchObject({ status: "running" });
  await post(platform, `resend_jobs/${paused}/cancel`);
  expect(await post(platform, "resend_jobs", { since })).toMatchObject({ rate: 50 });
});
