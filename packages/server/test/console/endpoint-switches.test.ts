import { afterAll, beforeAll, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../src/index.ts";
import { type Platform, platformOfItsOwn, publish, refusal } from "../platform-of-its-own.ts";
import { startWebhookReceiver } from "../webhook-receiver.ts";

interface Effect {
  changes: boolean;
  waiting: number;
  due: number;
  words: string;
}

let server: Carabiner;
let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>;
let mine: Platform;
let answers = 200;
beforeAll(async () => {
  receiver = await startWebhookReceiver(() => answers);
  server = await startCarabiner();
  await server.clock.freeze();
  mine = await platformOfItsOwn(server);
});
afterAll(async () => {
  await server.close();
  await receiver.close();
});

const act = async <Answer = { status: string; paused_at: number | null; effect: Effect }>(
  id: string,
  action: string,
  params: object = {},
) =>
  (await mine.test.rawRequest(
    "POST",
    `/console/webhook_endpoints/${id}/${action}`,
    params as Record<string, unknown>,
  )) as unknown as Answer;
const states = async (endpoint: string) =>
  ((await mine.test.rawRequest("GET", `/console/deliveries?endpoint=${endpoint}`)) as unknown as { data: { state: string }[] }).data.map(
    ({ state }) => state,
  );
const endpointAt = async (path: string) =>
  (await mine.test.webhookEndpoints.create({ url: receiver.url(path), enabled_events: ["customer.created"] })).id;
const event = () => publish(mine.test, { type: "customer.created", data: { object: { id: "cus_1", object: "customer" } } });
const HOUR_S = 3_600;

test("a paused endpoint gets nothing, its queue is kept, and it gets all of it once it is resumed", async () => {
  const id = await endpointAt("/paused");
  expect(await act(id, "pause", { dry_run: true })).toMatchObject({
    ...{ object: "webhook_endpoint_effect", action: "pause", dry_run: true, changes: true, waiting: 0, due: 0, more: false },
    words: expect.stringContaining("0 deliveries wait"),
  });
  expect(await act(id, "pause")).toMatchObject({ id, status: "enabled", paused_at: expect.any(Number), effect: { changes: true } });
  await event();
  await event();
  await server.clock.advance({ seconds: 100 * HOUR_S });
  expect(receiver.at("/paused")).toEqual([]);
  expect(await states(id)).toEqual(["pending", "pending"]);
  expect((await mine.test.webhookEndpoints.retrieve(id)).status).toBe("enabled");
  expect(await act(id, "pause")).toMatchObject({ effect: { changes: false } });

  expect(await act<Effect>(id, "resume", { dry_run: true })).toMatchObject({
    waiting: 2,
    due: 2,
    words: expect.stringMatching(/2 deliveries wait, and 2/),
  });
  expect(await states(id)).toEqual(["pending", "pending"]);
  expect(await act(id, "resume")).toMatchObject({ paused_at: null });
  await server.idle();
  expect(receiver.at("/paused").length).toBe(2);
  expect(await states(id)).toEqual(["succeeded", "succeeded"]);
  await act(id, "disable");
});

test("retries wait while it is paused, and the time it was paused is not time for which it failed", async () => {
  const id = await endpointAt("/failing");
  answers = 500;
  await event();
  await server.idle();
  const failingSince = async () =>
    ((await mine.test.rawRequest("GET", `/console/webhook_endpoints/${id}`)) as unknown as { health: { failing_since: number } }).health
      .failing_since;
  const since = await failingSince();
  await act(id, "pause");
  await server.clock.advance({ seconds: 20 * 24 * HOUR_S });
  expect(receiver.at("/failing").length).toBe(1);
  await act(id, "resume");
  await server.idle();
  expect(receiver.at("/failing").length).toBe(2);
  expect(await failingSince()).toBe(since + 20 * 24 * HOUR_S);
  expect((await mine.test.webhookEndpoints.retrieve(id)).status).toBe("enabled");
  // It had its one attempt: the time for automatic ones is over.
  expect(await states(id)).toEqual(["exhausted"]);
  answers = 200;
  await act(id, "disable");
});

test("disabling and enabling report what happens to waiting deliveries", async () => {
  const id = await endpointAt("/switched");
  await act(id, "pause");
  await event();
  expect(await act<Effect>(id, "disable", { dry_run: true })).toMatchObject({
    waiting: 1,
    due: 1,
    words: expect.stringMatching(/^1 delivery waits, and is cancelled when it falls due, which is now\. /),
  });
  expect(await act(id, "pause", { dry_run: true })).toMatchObject({ changes: false });
  expect((await act<Effect>(id, "resume", { dry_run: true })).words).toMatch(/^1 delivery waits, and is sent now\. /);
  expect(await act(id, "disable")).toMatchObject({ status: "disabled", disabled_reason: "owner" });
  await server.idle();
  expect(await states(id)).toEqual(["cancelled"]);
  expect(await act(id, "enable")).toMatchObject({ status: "enabled", effect: { words: expect.stringContaining("resend job") } });
  expect(await act(id, "enable")).toMatchObject({ effect: { changes: false } });
  expect(await refusal(act("we_none", "pause"))).toMatchObject({ code: "resource_missing" });
  const stranger = await platformOfItsOwn(server);
  expect(await refusal(stranger.test.rawRequest("POST", `/console/webhook_endpoints/${id}/pause`))).toMatchObject({
    code: "resource_missing",
  });
});
