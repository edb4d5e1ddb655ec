import { describe, expect, test } from "vitest";
import type { Carabiner } from "../../src/index.ts";
import { client, refusal } from "../platform-of-its-own.ts";
import { cleanUp, start } from "../server-of-its-own.ts";
import { startWebhookReceiver } from "../webhook-receiver.ts";

async function receive(...args: Parameters<typeof startWebhookReceiver>) {
  const receiver = await startWebhookReceiver(...args);
  cleanUp.push(() => receiver.close());
  return receiver;
}

const sdk = (server: Carabiner) => client(server, server.keys.test.secret);
interface Clock {
  object: string;
  now: number;
  frozen: boolean;
}
const turn = (server: Carabiner, how: string, params: Record<string, unknown> = {}) =>
  sdk(server).rawRequest("POST", `/v1/test_helpers/clock/${how}`, params) as unknown as Promise<Clock>;
const shown = (server: Carabiner) => sdk(server).rawRequest("GET", "/v1/test_helpers/clock") as unknown as Promise<Clock>;

/** When each attempt of the only delivery to an endpoint was made, in seconds after the first. */
async function attemptTimes(server: Carabiner, endpoint: string): Promise<number[]> {
  const get = <Answer>(path: string) => sdk(server).rawRequest("GET", path) as unknown as Promise<Answer>;
  const { data } = await get<{ data: { id: string }[] }>(`/console/deliveries?endpoint=${endpoint}`);
  const { attempts } = await get<{ attempts: { at: number }[] }>(`/console/deliveries/${data[0]?.id}`);
  return attempts.map(({ at }) => at - (attempts[0]?.at ?? 0));
}

describe("the clock", () => {
  test("stands when it is frozen, goes where it is turned, and ticks on from there when it is released", async () => {
    const server = await start();
    const { now } = await turn(server, "freeze");
    expect(await shown(server)).toEqual({ object: "test_helpers.clock", now, frozen: true });
    expect(await turn(server, "advance", { seconds: 90 })).toMatchObject({ now: now + 90, frozen: true });
    expect(await turn(server, "advance", { to: now + 100 })).toMatchObject({ now: now + 100, frozen: true });
    expect((await sdk(server).customers.create({})).created).toBe(now + 100);
    expect(await turn(server, "release")).toMatchObject({ frozen: false });
    expect((await shown(server)).now).toBeGreaterThanOrEqual(now + 100);
    expect(await turn(server, "freeze")).toEqual(await turn(server, "freeze"));
  });

  test("is turned neither back nor absurdly far, nor by nothing or both", async () => {
    const server = await start();
    const { now } = await turn(server, "freeze");
    for (const [params, param] of [
      [{ to: now - 1 }, "to"],
      [{ to: 0 }, "to"],
      [{ to: now + 400 * 366 * 24 * 3_600 }, "to"],
      [{ to: "tomorrow" }, "to"],
      [{ seconds: -1 }, "seconds"],
      [{ seconds: 1e15 }, "seconds"],
      [{ seconds: "1e3" }, "seconds"],
      [{ seconds: 0.5 }, "seconds"],
      [{ seconds: 1, to: now + 1 }, "seconds"],
      [{}, "seconds"],
    ] as const)
      expect(await refusal(turn(server, "advance", params)), JSON.stringify(params)).toMatchObject({ status: 400, param });
    expect((await shown(server)).now).toBe(now);
    expect(await turn(server, "advance", { to: now })).toMatchObject({ now });
    await expect(server.clock.advance({ to: now - 1 })).rejects.toThrow("only moves forward");
    await expect(server.clock.advance({ seconds: Number.NaN })).rejects.toThrow("only moves forward");
  });

  test("takes turns one after another when several are asked for at once", async () => {
    const server = await start();
    const { now } = await turn(server, "freeze");
    await Promise.all(Array.from({ length: 5 }, () => turn(server, "advance", { seconds: 3_600 })));
    expect((await shown(server)).now).toBe(now + 5 * 3_600);
    const [near, far] = [now + 6 * 3_600, now + 7 * 3_600];
    const outcomes = await Promise.allSettled([turn(server, "advance", { to: far }), turn(server, "advance", { to: near })]);
    expect((await shown(server)).now).toBe(far);
    expect(outcomes.map(({ status }) => status)).toContain("fulfilled");
  });
});

describe("turning it", () => {
  test("runs each retry at its own time, in order, and answers when all is quiet", async () => {
    const server = await start();
    const receiver = await receive(() => 500);
    await server.clock.freeze();
    const stripe = sdk(server);
    const endpoint = (path: string) => stripe.webhookEndpoints.create({ url: receiver.url(path), enabled_events: ["customer.created"] });
    const [one, other] = [await endpoint("/one"), await endpoint("/other")];
    await stripe.customers.create({});
    await server.idle();
    await server.clock.advance({ seconds: 3 * 24 * 3_600 });
    for (const { id } of [one, other]) {
      const [first, second, third, fourth, ...more] = await attemptTimes(server, id);
      expect([first, more]).toEqual([0, []]);
      // Five minutes, one hour and three hours after the last, a tenth more or less.
      expect(Math.abs((second ?? 0) - 300)).toBeLessThanOrEqual(31);
      expect(Math.abs((third ?? 0) - (second ?? 0) - 3_600)).toBeLessThanOrEqual(361);
      expect(Math.abs((fourth ?? 0) - (third ?? 0) - 3 * 3_600)).toBeLessThanOrEqual(1_081);
    }
    expect(receiver.received).toHaveLength(8);
  });

  test("waits for a receiver that hangs until its deadline, and goes on", async () => {
    const server = await start({ limits: { attemptDeadlineMs: 250 } });
    const receiver = await receive(({ path }) => (path === "/hangs" ? null : 200));
    const stripe = sdk(server);
    const hanging = await stripe.webhookEndpoints.create({ url: receiver.url("/hangs"), enabled_events: ["customer.created"] });
    await stripe.webhookEndpoints.create({ url: receiver.url("/answers"), enabled_events: ["customer.created"] });
    await stripe.customers.create({});
    await Promise.all([
      server.clock.advance({ seconds: 24 * 3_600 }),
      // The API continues to answer meanwhile.
      stripe.customers.create({ name: "meanwhile" }),
    ]);
    await server.clock.advance({ seconds: 24 * 3_600 });
    expect(receiver.at("/hangs")).toHaveLength(8);
    expect(receiver.at("/answers")).toHaveLength(2);
    const { data } = (await stripe.rawRequest("GET", `/console/deliveries?endpoint=${hanging.id}`)) as unknown as {
      data: { state: string; attempt_count: number }[];
    };
    expect(data.map(({ state, attempt_count }) => [state, attempt_count])).toEqual(Array(2).fill(["exhausted", 4]));
  });
});
