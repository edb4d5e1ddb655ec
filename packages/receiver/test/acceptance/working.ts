import { expect, test } from "vitest";
import type { Answer } from "../../src/http-exchange.ts";
import type { InboxHarness } from "../../src/inbox-contract/inbox-harness.ts";
import { Defer } from "../../src/index.ts";
import { eventOf, webhook } from "../signed-webhook.ts";
import { OpenedReceiver } from "./opened-receiver.ts";

/** Which processes work, how many handlers run at once, and how work ends. */
export function workingAcceptance<Tx>(harness: InboxHarness<Tx>, { durable }: { durable: boolean }): void {
  const on = new OpenedReceiver(harness);

  test("where nothing is started, drain removes what is old", async () => {
    const hooks = on.receiver({ limits: { retentionMs: 3_600_000 } });
    hooks.connect.on("payout.paid", () => undefined);
    await on.send(hooks, eventOf("payout.paid", { id: "evt_old" }));
    await hooks.drain();
    expect(await on.inbox.eventsById("evt_old")).toHaveLength(1);
    await on.clock.turn(3_600_001);
    expect(await hooks.drain()).toEqual({ tries: 0, empty: true, orphans: [] });
    expect(await on.inbox.eventsById("evt_old")).toEqual([]);
  });
  type Hooks = ReturnType<typeof on.receiver>;
  const post = (hooks: Hooks, type: string, id: string): Promise<Answer> =>
    hooks.handle(webhook(eventOf(type, { id, object: { id: `obj_${id}`, object: "thing" } }), { at: on.clock.now() }));

  test("the limit concurrency holds in bursts, too", async () => {
    const hooks = on.receiver({ limits: { concurrency: 4 } });
    let running = 0;
    let most = 0;
    hooks.connect.on("payout.paid", async () => {
      most = Math.max(most, ++running);
      for (let turns = 0; turns < 3; turns++) await new Promise((resolve) => setImmediate(resolve));
      running--;
    });
    const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => post(hooks, "payout.paid", `evt_${n}`)));
    await Promise.all(answers.map(({ settled }) => settled));
    await hooks.drain();
    await hooks.idle();
    expect(most).toBe(4);
    expect((await hooks.depth({ settled: true })).work).toMatchObject({ done: 30, pending: 0 });
  });

  test("a handler that hangs does not hold up the others", async () => {
    const hooks = on.receiver({ limits: { concurrency: 4 } });
    const may = Promise.withResolvers<void>();
    const seen: string[] = [];
    hooks.connect
      .on("payout.paid", () => may.promise)
      .on("payout.failed", { id: "other" }, (event) => seen.push(event.id))
      .on("payout.failed", { id: "another" }, (event) => seen.push(event.id));
    const hanging = Array.from({ length: 10 }, (_, n) => post(hooks, "payout.paid", `evt_hangs_${n}`));
    const others = await Promise.all(Array.from({ length: 3 }, (_, n) => post(hooks, "payout.failed", `evt_${n}`)));
    await Promise.all(others.map(({ settled }) => settled));
    while (seen.length < 6) await new Promise((resolve) => setImmediate(resolve));
    expect(seen.sort()).toEqual(["evt_0", "evt_0", "evt_1", "evt_1", "evt_2", "evt_2"]);
    may.resolve();
    for (const { settled } of await Promise.all(hanging)) await settled;
    await hooks.drain();
    await hooks.idle();
    expect((await hooks.depth({ settled: true })).work).toMatchObject({ done: 16, pending: 0 });
  });

  test("the first event starts the worker: what failed is tried again without start()", async () => {
    const hooks = on.receiver({ autoStart: true });
    const again = Promise.withResolvers<number>();
    hooks.connect.on("payout.paid", (_event, { attempt }) => {
      if (attempt === 1) throw new Error("not yet");
      again.resolve(attempt);
    });
    await on.send(hooks, eventOf("payout.paid"));
    let turning = true;
    void again.promise.then(() => {
      turning = false;
    });
    while (turning) {
      await hooks.idle();
      await on.clock.turn(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await again.promise).toBe(2);
    await hooks.idle();
    await hooks.stop();
  });

  if (durable) {
    test("if no worker runs, the log says once which method to call", async () => {
      const hooks = on.receiver({ autoStart: false });
      hooks.connect.on("payout.paid", () => {
        throw new Error("not yet");
      });
      for (const id of ["evt_1", "evt_2"]) await on.send(hooks, eventOf("payout.paid", { id }));
      expect(on.said().match(/call await hooks\.start\(\) in a long-lived process, or hooks\.drain\(\) from a cron job/g)).toHaveLength(1);
    });

    test("stop({ graceMs }) ends: running work is undone, and due again for the next worker", async () => {
      const hooks = on.receiver();
      const begun = Promise.withResolvers<AbortSignal>();
      hooks.connect.on("payout.paid", async (_event, { tx, signal }) => {
        await on.effect(tx, `by the ${signal.aborted ? "stopped" : "running"}`);
        if (stopped) return;
        begun.resolve(signal);
        await new Promise(() => undefined);
      });
      let stopped = false;
      const answer = post(hooks, "payout.paid", "evt_hangs");
      const signal = await begun.promise;
      const ended = hooks.stop({ graceMs: 5_000 });
      await on.clock.turn(5_000);
      await ended;
      stopped = true;
      expect(signal.aborted).toBe(true);
      await (await answer).settled;
      expect(on.said()).toMatch(/1 handlers? (was|were) still running 5000 ms after stop\(\)/);
      await hooks.drain();
      await hooks.idle();
      expect((await hooks.work()).map(({ state, attempts }) => [state, attempts])).toEqual([["done", 1]]);
      if (harness.effects !== null) expect(await harness.effects()).toEqual(["by the running"]);
    });
  }

  test("an error with the character NUL in it is kept like any other", async () => {
    const hooks = on.receiver();
    hooks.connect.on("payout.paid", { attempts: 1 }, () => {
      throw new Error("before\0after");
    });
    await on.send(hooks, eventOf("payout.paid"));
    expect(on.outcomes()).toEqual(["stored", "dead"]);
    expect(await hooks.work()).toMatchObject([{ state: "dead", error: "Error: before\uFFFDafter" }]);
  });

  const revoked = (): object => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  };
  test.each([
    ["has no text", () => Object.create(null)],
    ["has a text that throws", () => Object.defineProperty(new Error("never read"), "message", { get: revoked().toString })],
    ["has a name that is no text", () => Object.assign(new Error("no"), { name: Symbol("no") })],
    ["cannot even be looked at", revoked],
  ])("what a handler throws may be anything: an error that %s counts like any other", async (_what, thrown) => {
    const hooks = on.receiver();
    hooks.connect
      .on("payout.paid", { id: "at once", attempts: 1 }, () => {
        throw thrown();
      })
      .on("payout.paid", { id: "later", attempts: 1 }, async ({ id }, { tx }) => {
        await on.effect(tx, id);
        throw thrown();
      });
    await on.send(hooks, eventOf("payout.paid"));
    await hooks.idle();
    expect((await hooks.work()).map(({ handler, state }) => [handler, state])).toEqual([
      ["at once", "dead"],
      ["later", "dead"],
    ]);
  });

  test("what a handler returns may be anything: where it cannot be waited for, the handler has failed", async () => {
    const hooks = on.receiver();
    hooks.connect.on("payout.paid", { id: "odd", attempts: 1 }, ({ id }, { tx }) => {
      void on.effect(tx, id);
      return revoked();
    });
    hooks.connect.on("payout.failed", { id: "next" }, ({ id }, { tx }) => on.effect(tx, id));
    await on.send(hooks, eventOf("payout.paid"));
    await on.send(hooks, eventOf("payout.failed", { id: "evt_next" }));
    await hooks.idle();
    expect((await hooks.work()).map(({ handler, state }) => [handler, state])).toEqual([
      ["next", "done"],
      ["odd", "dead"],
    ]);
    if (harness.effects !== null) expect(await harness.effects()).toEqual(["evt_next"]);
  });

  test("a handler that puts an event off for no time at all leaves the process its turns", async () => {
    const hooks = on.receiver({ limits: { budgetMs: 0 } });
    let calls = 0;
    hooks.connect.on("payout.paid", async () => {
      if (++calls > 1_000) return;
      throw new Defer("not yet", calls % 2 === 0 ? 0 : "0.5ms");
    });
    await hooks.start();
    await on.send(hooks, eventOf("payout.paid"));
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(calls).toBeLessThan(10);
    while (calls < 3) await on.clock.turn(10);
    await hooks.idle();
    expect(on.outcomes()).not.toContain("retry");
  });

  test("an event with the character NUL where nothing depends on it is kept, and one whose account has it is refused", async () => {
    const hooks = on.receiver();
    hooks.connect.on("payout.paid", () => undefined);
    const odd = { ...eventOf("payout.paid", { object: { id: "po_\0", object: "payout" } }), api_version: "2026\0" };
    await on.send(hooks, odd);
    expect(await hooks.work()).toMatchObject([{ state: "done" }]);
    const refused = await hooks.handle(webhook({ ...eventOf("payout.paid"), account: "acct_\0" }, { at: on.clock.now() }));
    expect(refused.status).toBe(400);
  });

  test("an event of a time that no inbox can tell is refused, and holds up nothing", async () => {
    const hooks = on.receiver();
    hooks.connect.on("payout.paid", ({ id }) => {
      if (id === "evt_waits" && fails) throw new Error("not yet");
    });
    let fails = true;
    await on.send(hooks, eventOf("payout.paid", { id: "evt_waits" }));
    for (const created of [9e12, 9e15, 1e306, -9e12]) expect(await on.send(hooks, eventOf("payout.paid", { created }))).toBe(400);
    expect(await on.send(hooks, { ...eventOf("payout.paid", { id: "evt_part" }), created: 1_767_225_600.0001 })).toBe(200);
    fails = false;
    await on.clock.turn(60_000);
    await hooks.drain();
    await hooks.idle();
    expect((await hooks.work()).map(({ event, state }) => [event.id, state])).toEqual([
      ["evt_part", "done"],
      ["evt_waits", "done"],
    ]);
  });

  test("an id that comes back with another type is reported, and does not count as the same event", async () => {
    const hooks = on.receiver();
    const seen: string[] = [];
    hooks.connect.on("payout.*", (event) => seen.push(event.type));
    await on.send(hooks, eventOf("payout.paid", { id: "evt_same" }));
    await on.send(hooks, eventOf("payout.failed", { id: "evt_same" }));
    expect(seen).toEqual(["payout.paid"]);
    expect(on.said()).toContain("this event was first received as payout.paid, and now as payout.failed");
  });

  test("a running receiver removes old data automatically: events, dead letters, quarantined and orphaned work, and marks", async () => {
    const DAY_MS = 86_400_000;
    const former = on.receiver();
    former.connect.on("charge.failed", { id: "removed" }, () => {
      throw new Error("not yet");
    });
    await on.send(former, eventOf("charge.failed"));
    const hooks = on.receiver({ limits: { pollMs: DAY_MS } });
    hooks.connect
      .on("account.updated", { id: "latest" }, () => undefined)
      .on("payout.failed", { id: "dies", attempts: 1 }, () => {
        throw new Error("no");
      });
    await on.send(hooks, eventOf("account.updated"));
    await on.send(hooks, eventOf("payout.failed"));
    await on.send(
      hooks,
      eventOf("account.application.deauthorized", { account: "acct_gone", object: { id: "ca_1", object: "application" } }),
    );
    await on.send(hooks, eventOf("account.updated", { account: "acct_gone" }));
    const held = async () => (await hooks.depth({ settled: true })).work;
    expect(await held()).toMatchObject({ done: 1, dead: 1, quarantined: 1, pending: 1 });
    await hooks.start();
    for (let day = 0; day < 91; day++) {
      // Its worker has done what there was to do, and sleeps.
      while (on.clock.sleepers() === 0) await new Promise((resolve) => setImmediate(resolve));
      await on.clock.turn(DAY_MS);
    }
    await hooks.stop();
    expect(on.said()).toMatch(
      /3 pieces of work were too old and were discarded: 1 dead letters, 1 of accounts .*, 1 of handlers that are gone/,
    );
    await hooks.prune();
    expect(await held()).toEqual({ pending: 0, done: 0, dead: 0, discarded: 0, stale: 0, cancelled: 0, quarantined: 0 });
    // Its mark is gone as well: an event that happened before runs again.
    await on.send(hooks, eventOf("account.updated", { id: "evt_late", created: 1_767_225_600 - 9 }));
    await hooks.drain();
    expect((await hooks.work({ eventId: "evt_late" })).map(({ state }) => state)).toEqual(["done"]);
  });
}
