import { afterEach, expect, test } from "vitest";
import type { InboxHarness } from "../../src/inbox-contract/inbox-harness.ts";
import { createReceiver } from "../../src/index.ts";
import { eventOf, webhook } from "../signed-webhook.ts";
import { OpenedReceiver } from "./opened-receiver.ts";

/** Several endpoints that share a secret, or a type. */
export function laneAcceptance<Tx>(harness: InboxHarness<Tx>): void {
  const on = new OpenedReceiver(harness);
  const stopping: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const stop of stopping.splice(0)) await stop();
  });

  /**
   * A receiver with a platform's endpoint and two Connect endpoints, as they are while a platform moves to a new API
   * version.
   */
  function receiver(secrets: { platform: string; old: string; next: string }) {
    const hooks = createReceiver({
      endpoints: {
        platform: { secret: secrets.platform },
        old: { secret: secrets.old, connect: true },
        next: { secret: secrets.next, connect: true },
      },
      livemode: false,
      inbox: on.inbox,
      clock: on.clock,
      log: false,
      autoStart: false,
      onReport: (report) => on.reports.push(report),
    });
    stopping.push(() => hooks.stop());
    const send = async (event: Record<string, unknown>, secret: string): Promise<number> => {
      const { status, settled } = await hooks.handle(webhook(event, { secret, at: on.clock.now() }));
      await settled;
      return status;
    };
    return { hooks, send };
  }

  test("endpoints that share a secret are distinguished by the account", async () => {
    const cli = "whsec_listen";
    const { hooks, send } = receiver({ platform: cli, old: cli, next: "whsec_next" });
    const seen: unknown[] = [];
    hooks.platform.on("payout.paid", (_event, { account, endpoint }) => seen.push([endpoint, account]));
    hooks.old.on("payout.paid", (_event, { account, endpoint }) => seen.push([endpoint, account]));
    hooks.onPayoutFailed(({ account }) => seen.push(["verb", account]));
    expect(await send(eventOf("payout.paid"), cli)).toBe(200);
    expect(await send(eventOf("payout.failed"), cli)).toBe(200);
    expect(await send(eventOf("payout.paid", { account: null }), cli)).toBe(200);
    expect(seen).toEqual([
      ["old", "acct_1"],
      ["verb", "acct_1"],
      ["platform", null],
    ]);
    expect(on.outcomes()).not.toContain("mismatched");
  });

  test("one secret for two Connect endpoints: the handlers of both get the event", async () => {
    const cli = "whsec_listen";
    const { hooks, send } = receiver({ platform: cli, old: cli, next: cli });
    const seen: string[] = [];
    hooks.old.on("payout.paid", () => seen.push("old"));
    hooks.next.on("payout.paid", () => seen.push("next"));
    await send(eventOf("payout.paid"), cli);
    expect(seen.sort()).toEqual(["next", "old"]);
  });

  test("two endpoints for one type: each handler gets an event once, with the bytes of its own endpoint", async () => {
    const { hooks, send } = receiver({ platform: "whsec_platform", old: "whsec_old", next: "whsec_next" });
    const seen: unknown[] = [];
    hooks.old.on("payout.paid", (event, { endpoint }) => seen.push(["old", event.api_version, endpoint]));
    hooks.next.on("payout.paid", (event, { endpoint }) => seen.push(["next", event.api_version, endpoint]));
    hooks.onPayoutCured(() => undefined).onPayoutFailed(() => seen.push(["failed"]));
    const paid = eventOf("payout.paid", { id: "evt_paid" });
    const anew = { ...paid, api_version: "2026-11-28.ficus" };
    for (let times = 0; times < 2; times++) {
      expect(await send(paid, "whsec_old")).toBe(200);
      expect(await send(anew, "whsec_next")).toBe(200);
    }
    expect(seen).toEqual([
      ["old", "2026-10-28.endive", "old"],
      ["next", "2026-11-28.ficus", "next"],
    ]);
    // Verbs handle events of every Connect endpoint: one event is one call.
    const failed = eventOf("payout.failed", { id: "evt_failed" });
    await send(failed, "whsec_next");
    await send(failed, "whsec_old");
    expect(seen.slice(2)).toEqual([["failed"]]);
    expect((await hooks.work({ eventId: "evt_paid" })).map(({ handler, state }) => `${handler} ${state}`).sort()).toEqual([
      "next:payout.paid done",
      "old:payout.paid done",
      "payout-cured done",
    ]);
  });

  test("an event's handler on the second endpoint is tried again with the bytes that came there", async () => {
    const { hooks, send } = receiver({ platform: "whsec_platform", old: "whsec_old", next: "whsec_next" });
    const seen: unknown[] = [];
    hooks.next.on("payout.paid", (event, { attempt }) => {
      seen.push([attempt, event.api_version]);
      if (attempt === 1) throw new Error("not yet");
    });
    hooks.old.on("payout.paid", () => undefined);
    const paid = eventOf("payout.paid");
    await send(paid, "whsec_old");
    await send({ ...paid, api_version: "2026-11-28.ficus" }, "whsec_next");
    await on.clock.turn(5_000);
    await hooks.drain();
    await hooks.idle();
    expect(seen).toEqual([
      [1, "2026-11-28.ficus"],
      [2, "2026-11-28.ficus"],
    ]);
  });

  test("a handler that was added since does not run for an event that is sent again to the same endpoint", async () => {
    const before = receiver({ platform: "whsec_platform", old: "whsec_old", next: "whsec_next" });
    before.hooks.old.on("payout.paid", () => undefined);
    const paid = eventOf("payout.paid");
    await before.send(paid, "whsec_old");
    const after = receiver({ platform: "whsec_platform", old: "whsec_old", next: "whsec_next" });
    const seen: string[] = [];
    after.hooks.old.on("payout.paid", { id: "renamed" }, () => seen.push("renamed"));
    await after.send(paid, "whsec_old");
    expect(seen).toEqual([]);
  });
}
