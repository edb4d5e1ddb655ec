import { describe, expect, test } from "vitest";
import type { InboxHarness } from "../../src/inbox-contract/inbox-harness.ts";
import { eventOf, START, thinEventOf } from "../signed-webhook.ts";
import { OpenedReceiver } from "./opened-receiver.ts";
import { fakeClient } from "./order.ts";

const OWN = { context: null };
const ACCOUNT = { id: "acct_1", type: "v2.core.account", url: "/v2/core/accounts/acct_1" };
const CLOSED = "v2.core.account.closed";
const REQUIREMENTS = "v2.core.account[requirements].updated";

/** Thin events: what holds for whole ones holds for them. */
export function thinAcceptance<Tx>(harness: InboxHarness<Tx>, { durable }: { durable: boolean }): void {
  const on = new OpenedReceiver(harness);

  test("each is handled once, on the lane of its context", async () => {
    const hooks = on.receiver();
    const seen: unknown[] = [];
    hooks.connect.on("v1.account.updated", (event, { account }) => seen.push(["connect", event.type, account]));
    hooks.platform.on("v1.account.updated", (event, { account }) => seen.push(["platform", event.type, account]));
    hooks.platform.on(REQUIREMENTS, (event, { account }) => seen.push(["platform", event.type, account]));
    const connected = thinEventOf("v1.account.updated");
    const [one, other] = await Promise.all([on.send(hooks, connected), on.send(hooks, connected)]);
    expect([one, other, await on.send(hooks, connected)]).toEqual([200, 200, 200]);
    await on.send(hooks, thinEventOf("v1.account.updated", OWN));
    await on.send(hooks, thinEventOf(REQUIREMENTS, { ...OWN, related: ACCOUNT }));
    expect(seen).toEqual([
      ["connect", "v1.account.updated", "acct_1"],
      ["platform", "v1.account.updated", null],
      ["platform", REQUIREMENTS, "acct_1"],
    ]);
    expect(on.outcomes().filter((outcome) => outcome === "duplicate")).toHaveLength(2);
  });

  test("a whole and a thin event of one change have a handler each", async () => {
    const hooks = on.receiver();
    const seen: unknown[] = [];
    hooks.connect.on("account.updated", (event) => seen.push(event.object));
    hooks.connect.on("v1.account.updated", (event) => seen.push([event.object, event.snapshot_event]));
    hooks.connect.on("*", (event) => seen.push(`all: ${event.object}`));
    await on.send(hooks, eventOf("account.updated", { id: "evt_whole", object: { id: "acct_1", object: "account" } }));
    await on.send(hooks, thinEventOf("v1.account.updated", { more: { snapshot_event: "evt_whole" } }));
    expect(seen).toHaveLength(3);
    expect(seen).toEqual(expect.arrayContaining(["event", "all: event", ["v2.core.event", "evt_whole"]]));
  });

  describe("order", () => {
    test("latest leaves out what is older than what was handled of the same related object", async () => {
      const hooks = on.receiver();
      const seen: unknown[] = [];
      hooks.connect.on("v1.account.updated", (event) => seen.push(event.created));
      for (const ms of [100, 900, 300, 950]) await on.send(hooks, thinEventOf("v1.account.updated", { created: START + ms }));
      const other = { id: "acct_2", type: "account", url: "/v1/accounts/acct_2" };
      await on.send(hooks, thinEventOf("v1.account.updated", { created: START + 200, related: other }));
      const at = (ms: number): string => new Date(START + ms).toISOString();
      expect(seen).toEqual([100, 900, 950, 200].map(at));
      expect(on.outcomes().filter((outcome) => outcome === "stale")).toHaveLength(1);
    });

    test("what names no related object replaces nothing", async () => {
      const hooks = on.receiver();
      const seen: unknown[] = [];
      hooks.connect.on("v1.account.external_account.updated", (event) => seen.push(event.id));
      for (const [id, ms] of [
        ["evt_b", 900],
        ["evt_a", 100],
      ] as const)
        await on.send(hooks, thinEventOf("v1.account.external_account.updated", { id, created: START + ms, related: null }));
      expect(seen).toEqual(["evt_b", "evt_a"]);
    });

    test("of several types, each tells of its own part, so none is left out", async () => {
      const hooks = on.receiver();
      const seen: unknown[] = [];
      hooks.platform.on([REQUIREMENTS, "v2.core.account[identity].updated"], { id: "parts" }, (event) => seen.push(event.type));
      await on.send(hooks, thinEventOf(REQUIREMENTS, { ...OWN, created: START + 900, related: ACCOUNT }));
      await on.send(hooks, thinEventOf("v2.core.account[identity].updated", { ...OWN, created: START + 100, related: ACCOUNT }));
      expect(seen).toEqual([REQUIREMENTS, "v2.core.account[identity].updated"]);
    });

    test("serial: one after another, also past one that has to be tried again", async () => {
      const hooks = on.receiver();
      const seen: unknown[] = [];
      hooks.connect.on("v1.payout.*", { order: "serial" }, (event, { attempt }) => {
        seen.push(`${event.type} ${attempt}`);
        if (event.type === "v1.payout.created" && attempt === 1) throw new Error("not yet");
      });
      const related = { id: "po_1", type: "payout", url: "/v1/payouts/po_1" };
      await on.send(hooks, thinEventOf("v1.payout.created", { created: START + 1, related }));
      await on.send(hooks, thinEventOf("v1.payout.paid", { created: START + 2, related }));
      expect(seen).toEqual(["v1.payout.created 1"]);
      await on.clock.turn(5_000);
      await hooks.drain();
      expect(seen).toEqual(["v1.payout.created 1", "v1.payout.created 2", "v1.payout.paid 1"]);
    });
  });

  test("one that fails for good is a dead letter, and can be replayed", async () => {
    const { client } = fakeClient(() => {
      throw new Error("the API is away");
    });
    const hooks = on.receiver({ stripe: client });
    let away = true;
    hooks.connect.on("v1.account.updated", { attempts: 1 }, async (_event, { fresh }) => (away ? await fresh() : undefined));
    const event = thinEventOf("v1.account.updated");
    expect(await on.send(hooks, event)).toBe(durable ? 200 : 500);
    expect((await hooks.depth()).work.dead).toBe(1);
    expect((await hooks.work())[0]).toMatchObject({
      event: { id: event.id, type: "v1.account.updated", account: "acct_1" },
      handler: "connect:v1.account.updated",
      error: "Error: the API is away",
    });
    away = false;
    expect(await hooks.replayDead({ type: "v1.account.updated" })).toBe(1);
    await hooks.drain();
    expect(await hooks.replay(String(event.id))).toBe(1);
    await hooks.drain();
    expect((await hooks.work())[0]).toMatchObject({ state: "done" });
    await expect(hooks.replay(String(event.id), { lane: "platform" })).rejects.toThrow('no handler of the lane "platform"');
  });

  describe("an account that leaves", () => {
    test("by the thin form: its work is cancelled, later events wait until it is back", async () => {
      const hooks = on.receiver();
      const seen: unknown[] = [];
      hooks.onDeauthorized(({ account, at }) => seen.push(["left", account, at]));
      hooks.connect.on("v1.account.updated", (event) => seen.push(event.id));
      const application = (to: string, ms: number) => thinEventOf(`v1.account.application.${to}`, { created: START + ms, related: null });
      await on.send(hooks, application("deauthorized", 5_300));
      await on.send(hooks, thinEventOf("v1.account.updated", { id: "evt_late", created: START + 9_500 }));
      expect(seen).toEqual([["left", "acct_1", START + 5_000]]);
      expect(on.outcomes()).toEqual(["deauthorized", "stored", "done", "quarantined"]);
      expect(on.said()).toContain("subscribe to v1.account.application.authorized, or call authorized()");
      await on.send(hooks, application("authorized", 9_000));
      await hooks.drain();
      expect(seen.slice(1)).toEqual(["evt_late"]);
    });

    test("a whole authorization after a thin deauthorization counts, whichever carries milliseconds", async () => {
      const { client } = fakeClient(() => ({ id: "acct_1" }));
      const hooks = on.receiver({ stripe: client });
      hooks.onDeauthorized(() => undefined);
      const whole = { created: START / 1_000, object: { id: "ca_1", object: "application" } };
      await on.send(hooks, thinEventOf("v1.account.application.deauthorized", { created: START + 400, related: null }));
      await on.send(hooks, eventOf("account.application.authorized", whole));
      expect(on.outcomes().filter((outcome) => /authorized/.test(outcome))).toEqual(["deauthorized", "authorized"]);
      expect(on.said()).toContain("it counts as authorized");
    });

    test("for good: the platform's own endpoint tells of a closed account", async () => {
      const hooks = on.receiver();
      const seen: unknown[] = [];
      hooks.onDeauthorized(({ account }) => seen.push(`left ${account}`));
      hooks.platform.on(REQUIREMENTS, () => seen.push("requirements"));
      await on.send(hooks, thinEventOf(CLOSED, { ...OWN, related: ACCOUNT, created: START + 1_000 }));
      await on.send(hooks, thinEventOf(REQUIREMENTS, { ...OWN, related: ACCOUNT, created: START + 3_000 }));
      await on.send(hooks, eventOf("payout.paid", { created: START / 1_000 + 3 }));
      expect(seen).toEqual(["left acct_1"]);
      expect(on.outcomes().filter((outcome) => outcome === "quarantined")).toHaveLength(2);
    });
  });
}
