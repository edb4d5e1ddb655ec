import { describe, expect, test } from "vitest";
import type { InboxHarness } from "../../src/inbox-contract/inbox-harness.ts";
import { eventOf } from "../signed-webhook.ts";
import { accountEvent, OpenedReceiver } from "./opened-receiver.ts";
import { fakeClient } from "./order.ts";

/** Lanes, modes, unknown accounts, and accounts that leave. */
export function accountAcceptance<Tx>(harness: InboxHarness<Tx>, { durable }: { durable: boolean }): void {
  const on = new OpenedReceiver(harness);
  const application = { id: "ca_1", object: "application" };
  const left = (at: number, more = {}) => accountEvent("account.application.deauthorized", at, { object: application, ...more });
  const back = (at: number, more = {}) => accountEvent("account.application.authorized", at, { object: application, ...more });

  describe("deauthorisation", () => {
    test("reports which account left, by mode, once, in the inbox's transaction", async () => {
      const hooks = on.receiver({ livemode: "both" });
      const gone: unknown[] = [];
      hooks.onDeauthorized(async ({ account, livemode, at, tx }) => {
        gone.push([account, livemode, at / 1_000 - 1_767_225_600]);
        await on.effect(tx, `drop ${account} ${livemode}`);
      });
      await on.send(hooks, left(5));
      await on.send(hooks, left(6, { livemode: true, account: "acct_2" }));
      expect(gone).toEqual([
        ["acct_1", false, 5],
        ["acct_2", true, 6],
      ]);
      if (harness.effects !== null) expect(await harness.effects()).toEqual(["drop acct_1 false", "drop acct_2 true"]);
    });

    test("of the same second as its opposite counts as having left, where there is no API to ask", async () => {
      const hooks = on.receiver();
      const seen: unknown[] = [];
      hooks.connect.on("account.updated", (_event, { account }) => seen.push(account));
      await on.send(hooks, back(5));
      await on.send(hooks, left(5));
      expect(on.said()).toMatch(/has the same second as the opposite event of acct_1; it counts as deauthorized/);
      await on.send(hooks, accountEvent("account.updated", 6));
      expect(seen).toEqual([]);
    });

    test("a test disconnection leaves live alone", async () => {
      const hooks = on.receiver({ livemode: "both" });
      const seen: unknown[] = [];
      hooks.onDeauthorized(({ livemode }) => seen.push(`gone ${livemode}`));
      hooks.connect.on("account.updated", (_event, { livemode }) => seen.push(`updated ${livemode}`));
      await on.send(hooks, left(5));
      await on.send(hooks, accountEvent("account.updated", 6, { livemode: true }));
      await on.send(hooks, accountEvent("account.updated", 6));
      expect(seen).toEqual(["gone false", "updated true"]);
    });

    test("cancels what waits, keeps late events away, and lets the account come back", async () => {
      const hooks = on.receiver();
      const seen: unknown[] = [];
      hooks.onDeauthorized(() => seen.push("gone"));
      hooks.connect.on("account.updated", (event) => {
        seen.push((event.data.object as { at?: unknown }).at);
        if (seen.length === 1) throw new Error("not yet");
      });
      await on.send(hooks, accountEvent("account.updated", 1));
      await on.send(hooks, left(5));
      await on.clock.turn(60_000);
      await hooks.drain();
      expect(await on.send(hooks, accountEvent("account.updated", 4))).toBe(200);
      expect(await on.send(hooks, accountEvent("account.updated", 9))).toBe(200);
      expect(seen).toEqual([1, "gone"]);
      expect(on.said()).toMatch(/disconnected, so it waits for the account's return/);
      await on.send(hooks, back(8));
      await hooks.drain();
      await hooks.idle();
      expect(seen).toEqual([1, "gone", 9]);
      expect(await hooks.depth({ settled: true })).toMatchObject({ work: { cancelled: 1, quarantined: 1, pending: 0 } });
      expect(on.reports.filter(({ kind }) => kind === "connection")).toMatchObject([
        { outcome: "deauthorized", cancelled: 1 },
        { outcome: "authorized", released: 1 },
      ]);
    });

    test("a disconnection that comes after a newer authorisation changes nothing", async () => {
      const hooks = on.receiver();
      const seen: unknown[] = [];
      hooks.onDeauthorized(() => seen.push("gone"));
      hooks.connect.on("account.updated", () => seen.push("updated"));
      await on.send(hooks, back(8));
      await on.send(hooks, left(5));
      await on.send(hooks, accountEvent("account.updated", 9));
      expect(seen).toEqual(["updated"]);
    });

    test("in the very second of an authorisation, whether the account can be reached decides, and it is said", async () => {
      for (const reachable of [true, false]) {
        const account = `acct_${reachable}`;
        const { client } = fakeClient(() => {
          if (!reachable) throw Object.assign(new Error("does not have access"), { statusCode: 403 });
          return { id: account };
        });
        const hooks = on.receiver({ stripe: client });
        const gone: string[] = [];
        hooks.onDeauthorized((one) => gone.push(one.account));
        await on.send(hooks, back(8, { account }));
        await on.send(hooks, left(8, { account }));
        expect(gone).toEqual(reachable ? [] : [account]);
        expect(on.said()).toContain(`counts as ${reachable ? "authorized" : "deauthorized"}`);
      }
    });

    test("an API that is away decides nothing of that second: the event is sent again, and nothing is cancelled", async () => {
      let away = true;
      const { client } = fakeClient(() => {
        if (away) throw Object.assign(new Error("connect ECONNREFUSED"), { type: "StripeConnectionError" });
        return { id: "acct_1" };
      });
      const hooks = on.receiver({ stripe: client });
      const gone: string[] = [];
      hooks.onDeauthorized((one) => gone.push(one.account));
      const event = left(8, { id: "evt_left" });
      await on.send(hooks, back(8));
      expect(await on.send(hooks, event)).toBe(503);
      expect(on.reports.at(-1)).toMatchObject({ kind: "refused", reason: "inbox_unavailable" });
      expect(on.said()).toContain("the API does not tell whether acct_1 is still connected (StripeConnectionError)");
      expect(on.said()).not.toContain("bug");
      away = false;
      expect(await on.send(hooks, event)).toBe(200);
      expect(on.said()).toContain("counts as authorized");
      expect(gone).toEqual([]);
    });

    test("authorized() is the way back if no event reports it", async () => {
      const hooks = on.receiver();
      let seen = 0;
      hooks.connect.on("account.updated", () => seen++);
      await on.send(hooks, left(0));
      await on.clock.turn(9_000);
      await on.send(hooks, accountEvent("account.updated", 9));
      expect(seen).toBe(0);
      await hooks.authorized("acct_1", { livemode: false });
      await hooks.drain();
      await hooks.idle();
      expect(seen).toBe(1);
    });

    test("authorized() counts although this machine's clock is behind, and says so when it is told of the past", async () => {
      const hooks = on.receiver();
      const seen: unknown[] = [];
      hooks.connect.on("account.updated", (event) => seen.push(event.created - 1_767_225_600));
      // By the sender's clock it left, and was changed, later than it is here.
      await on.send(hooks, left(300));
      await on.send(hooks, accountEvent("account.updated", 305));
      expect(await hooks.authorized("acct_1", { livemode: false, at: on.clock.now() })).toEqual({ applied: false, released: 0 });
      expect(on.said()).toMatch(/authorized\(\) reports a connection at 2026-01-01T00:00:00\.000Z, but a newer change is known/);
      expect(await hooks.authorized("acct_1", { livemode: false })).toEqual({ applied: true, released: 1 });
      await hooks.drain();
      await hooks.idle();
      await on.send(hooks, accountEvent("account.updated", 306));
      expect(seen).toEqual([305, 306]);
    });

    test("an account that is closed, in a thin event, has left too", async () => {
      const hooks = on.receiver();
      const gone: unknown[] = [];
      hooks.onDeauthorized(({ account }) => gone.push(account));
      const event = {
        id: "evt_closed",
        object: "v2.core.event",
        type: "v2.core.account.closed",
        livemode: false,
        created: "2026-01-01T00:00:05Z",
        related_object: { id: "acct_1", type: "v2.core.account", url: "/v2/core/accounts/acct_1" },
      };
      expect(await on.send(hooks, event)).toBe(200);
      await on.send(hooks, accountEvent("account.updated", 6));
      expect(gone).toEqual(["acct_1"]);
      expect(on.outcomes()).toContain("quarantined");
    });
  });

  describe("lanes", () => {
    test("an event of the wrong kind for its endpoint is kept and said, and waits for a replay that names a lane", async () => {
      const hooks = on.receiver();
      const seen: unknown[] = [];
      hooks.platform.on("*", (_event, { account }) => seen.push(`platform ${account}`));
      hooks.connect.on("*", (_event, { account }) => seen.push(`connect ${account}`));
      expect(await on.send(hooks, eventOf("payout.paid", { id: "evt_a" }), "whsec_platform")).toBe(200);
      expect(await on.send(hooks, eventOf("payout.paid", { id: "evt_p", account: null }), "whsec_connect")).toBe(200);
      expect(seen).toEqual([]);
      expect(on.outcomes()).toEqual(["mismatched", "mismatched"]);
      expect(on.said()).toMatch(/which is not a Connect endpoint, but it belongs to the connected account acct_1/);
      await expect(hooks.replay("evt_a")).rejects.toThrow(/no handler of the lane "platform" can handle it/);
      expect(await hooks.replay("evt_a", { lane: "connect" })).toBe(1);
      expect(await hooks.replay("evt_p", { lane: "platform" })).toBe(1);
      await hooks.drain();
      await hooks.idle();
      expect(seen.sort()).toEqual(["connect acct_1", "platform null"]);
    });

    test("or is routed by its account, on request", async () => {
      const hooks = on.receiver({ scopeMismatch: "route" });
      const seen: unknown[] = [];
      hooks.connect.on("payout.paid", (_event, { account, endpoint }) => seen.push([account, endpoint]));
      await on.send(hooks, eventOf("payout.paid"), "whsec_platform");
      expect(seen).toEqual([["acct_1", "connect"]]);
      expect(on.said()).toContain('passed to the lane "connect"');
    });

    test("the other mode is answered 200 and left alone, before anything is kept", async () => {
      const hooks = on.receiver();
      hooks.connect.on("*", () => {
        throw new Error("was called");
      });
      expect(await on.send(hooks, eventOf("payout.paid", { livemode: true, id: "evt_live" }))).toBe(200);
      expect(on.outcomes()).toEqual(["wrong_mode"]);
      expect(await on.inbox.eventsById("evt_live")).toEqual([]);
    });

    test("a test event is left alone where live ones are awaited", async () => {
      const hooks = on.receiver({ livemode: true });
      const seen: unknown[] = [];
      hooks.connect.on("payout.paid", (_event, { livemode }) => seen.push(livemode));
      expect(await on.send(hooks, eventOf("payout.paid", { livemode: false, id: "evt_test" }))).toBe(200);
      expect(await on.send(hooks, eventOf("payout.paid", { livemode: true }))).toBe(200);
      expect([on.outcomes(), seen]).toEqual([["wrong_mode", "stored", "done"], [true]]);
      expect(await on.inbox.eventsById("evt_test")).toEqual([]);
    });

    test("one that came to the wrong endpoint tells nothing of its account's connection", async () => {
      const hooks = on.receiver();
      const seen: unknown[] = [];
      hooks.onDeauthorized(({ account }) => seen.push(`gone ${account}`));
      hooks.connect.on("account.updated", (_event, { account }) => seen.push(`updated ${account}`));
      await on.send(hooks, left(5), "whsec_platform");
      await on.send(hooks, accountEvent("account.updated", 4));
      expect(seen).toEqual(["updated acct_1"]);
      expect(on.outcomes()).toEqual(["mismatched", "stored", "done"]);
    });

    test("an event without a handler is kept, goes to unhandled(), and can be replayed once it has one", async () => {
      const silent = on.receiver();
      expect(await on.send(silent, eventOf("brand.new", { id: "evt_new" }))).toBe(200);
      expect(on.outcomes()).toEqual(["unhandled"]);

      const hooks = on.receiver();
      const seen: unknown[] = [];
      hooks.connect.on("payout.paid", () => seen.push("paid"));
      hooks.unhandled((event) => seen.push(event.type));
      await on.send(hooks, eventOf("brand.newer"));
      await on.send(hooks, eventOf("payout.paid"));
      expect(seen).toEqual(["brand.newer", "paid"]);
      expect(await hooks.replay("evt_new")).toBe(1);
      await hooks.drain();
      await hooks.idle();
      expect(seen).toEqual(["brand.newer", "paid", "brand.new"]);
      await expect(hooks.replay("evt_never")).rejects.toThrow(/has no event evt_never/);
    });
  });

  describe("an account that is not known", () => {
    test("is held until it is", async () => {
      const known = new Set<string>();
      const hooks = on.receiver({ accounts: { known: (account) => known.has(account) } });
      const seen: unknown[] = [];
      hooks.connect.on("payout.paid", (_event, { account, attempt }) => seen.push([account, attempt]));
      expect(await on.send(hooks, eventOf("payout.paid"))).toBe(durable ? 200 : 500);
      expect(on.outcomes()).toEqual(["stored", "deferred"]);
      known.add("acct_1");
      await on.clock.turn(10_000);
      await hooks.drain();
      expect(seen).toEqual([["acct_1", 1]]);
    });

    test("is discarded, or becomes a dead letter, on request", async () => {
      for (const [otherwise, outcome] of [
        ["discard", "discarded"],
        ["dead", "dead"],
      ] as const) {
        const hooks = on.receiver({ accounts: { known: () => false, otherwise } });
        hooks.connect.on("payout.paid", { id: otherwise }, () => {
          throw new Error("was called");
        });
        await on.send(hooks, eventOf("payout.paid"));
        expect(on.outcomes().at(-1)).toBe(outcome);
      }
    });
  });
}
