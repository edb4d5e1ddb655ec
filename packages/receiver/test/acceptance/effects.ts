import { describe, expect, test } from "vitest";
import type { InboxHarness } from "../../src/inbox-contract/inbox-harness.ts";
import { Defer, Discard } from "../../src/index.ts";
import { eventOf, START, webhook } from "../signed-webhook.ts";
import { OpenedReceiver } from "./opened-receiver.ts";

/** Each effect once: duplicates, failures, retries, dead letters. */
export function effectAcceptance<Tx>(harness: InboxHarness<Tx>, { durable }: { durable: boolean }): void {
  const on = new OpenedReceiver(harness);
  const afterFailure = durable ? 200 : 500;

  test("the same event many times at once is one effect", async () => {
    const hooks = on.receiver();
    let effects = 0;
    hooks.connect.on("payout.paid", async (_event, { tx }) => {
      effects++;
      await on.effect(tx, "paid");
    });
    const event = eventOf("payout.paid");
    const statuses = await Promise.all(Array.from({ length: 8 }, () => on.send(hooks, event)));
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(effects).toBe(1);
    if (harness.effects !== null) expect(await harness.effects()).toEqual(["paid"]);
  });

  test("an event of the same id in the other mode, or of another account, is another event", async () => {
    const hooks = on.receiver({ livemode: "both" });
    const seen: string[] = [];
    hooks.connect.on("payout.paid", (_event, { account, livemode }) => seen.push(`${account} ${livemode}`));
    const id = "evt_same";
    for (const given of [{}, { livemode: true }, { account: "acct_2" }]) await on.send(hooks, eventOf("payout.paid", { id, ...given }));
    expect(seen).toEqual(["acct_1 false", "acct_1 true", "acct_2 false"]);
  });

  test("the same event through two endpoints is one effect", async () => {
    const hooks = on.receiver();
    const seen: string[] = [];
    hooks.connect.on("payout.paid", (_event, { endpoint }) => seen.push(endpoint));
    const event = eventOf("payout.paid");
    expect(await on.send(hooks, event)).toBe(200);
    expect(await on.send(hooks, event, "whsec_platform")).toBe(200);
    expect(await on.send(hooks, event, "whsec_old")).toBe(200);
    expect(seen).toEqual(["connect"]);
  });

  test("of two handlers, the one that fails is tried again and the other is not", async () => {
    const hooks = on.receiver();
    const calls: string[] = [];
    hooks.connect
      .on("payout.paid", { id: "right" }, (_event, { attempt }) => calls.push(`right ${attempt}`))
      .on("payout.paid", { id: "wrong" }, async (_event, { attempt, tx }) => {
        calls.push(`wrong ${attempt}`);
        await on.effect(tx, `try ${attempt}`);
        if (attempt < 3) throw new Error("not yet");
      });
    const event = eventOf("payout.paid");
    expect(await on.send(hooks, event)).toBe(afterFailure);
    expect(await hooks.drain()).toEqual({ tries: 0, empty: true, orphans: [] });
    await on.clock.turn(5_000);
    await hooks.drain();
    await on.clock.turn(14_999);
    expect(await hooks.drain()).toEqual({ tries: 0, empty: true, orphans: [] });
    await on.clock.turn(1);
    await hooks.drain();
    expect(calls.sort()).toEqual(["right 1", "wrong 1", "wrong 2", "wrong 3"]);
    if (harness.effects !== null) expect(await harness.effects()).toEqual(["try 3"]);
    expect((await hooks.work({ eventId: String(event.id) })).map(({ handler, state, attempts }) => [handler, state, attempts])).toEqual([
      ["right", "done", 1],
      ["wrong", "done", 3],
    ]);
  });

  test("after its tries an event is a dead letter, which is said, and can be revived", async () => {
    const hooks = on.receiver();
    let broken = true;
    hooks.connect.on("payout.paid", { attempts: 2 }, () => {
      if (broken) throw new TypeError("no such column");
    });
    expect(await on.send(hooks, eventOf("payout.paid"))).toBe(afterFailure);
    await on.clock.turn(5_000);
    await hooks.drain();
    expect(await hooks.work({ state: "dead" })).toMatchObject([{ attempts: 2, error: "TypeError: no such column" }]);
    expect(on.said()).toMatch(/given up after 2 tries: TypeError: no such column/);
    expect(on.outcomes()).toEqual(["stored", "retry", "dead"]);
    broken = false;
    expect(await hooks.replayDead()).toBe(1);
    await hooks.drain();
    await hooks.idle();
    expect(await hooks.depth({ settled: true })).toMatchObject({ work: { dead: 0, done: 1, pending: 0 } });
  });

  describe("a handler steers", () => {
    test("Defer puts off without counting, undoes, and ends as a dead letter after too long", async () => {
      const hooks = on.receiver({ limits: { deferMs: 60_000 } });
      const attempts: number[] = [];
      hooks.connect.on("payout.paid", { attempts: 1 }, async (_event, { attempt, tx }) => {
        attempts.push(attempt);
        await on.effect(tx, "deferred");
        throw new Defer("the merchant's row is not there yet", "25s");
      });
      expect(await on.send(hooks, eventOf("payout.paid"))).toBe(afterFailure);
      for (let n = 0; n < 4; n++) {
        await on.clock.turn(25_000);
        await hooks.drain();
      }
      expect(attempts).toEqual([1, 1, 1]);
      expect(on.outcomes()).toEqual(["stored", "deferred", "deferred", "dead"]);
      if (harness.effects !== null) expect(await harness.effects()).toEqual([]);
    });

    test("Discard settles for good, and undoes", async () => {
      const hooks = on.receiver();
      hooks.connect.on("payout.paid", async (_event, { tx }) => {
        await on.effect(tx, "discarded");
        throw new Discard("none of ours");
      });
      expect(await on.send(hooks, eventOf("payout.paid"))).toBe(200);
      expect(await hooks.depth({ settled: true })).toMatchObject({ work: { discarded: 1, pending: 0 } });
      if (harness.effects !== null) expect(await harness.effects()).toEqual([]);
    });
  });

  test("a handler past its time is stopped, and nothing of it is kept", async () => {
    const hooks = on.receiver();
    const started = Promise.withResolvers<void>();
    const gone = Promise.withResolvers<unknown>();
    hooks.connect.on("payout.paid", { timeoutMs: 2_000 }, async (_event, { tx, signal, attempt }) => {
      if (attempt > 1) return;
      await on.effect(tx, "too slow");
      signal.addEventListener("abort", () => gone.resolve(signal.reason));
      started.resolve();
      await gone.promise;
      // It continues although nobody waits: its uses of tx fail.
      await on.effect(tx, "after its time");
    });
    const sent = on.send(hooks, eventOf("payout.paid"));
    await started.promise;
    await on.clock.turn(2_000);
    expect(await sent).toBe(afterFailure);
    expect(String(await gone.promise)).toMatch(/longer than its 2000 ms/);
    await on.clock.turn(5_000);
    await hooks.drain();
    expect(on.outcomes()).toEqual(["stored", "retry", "done"]);
    if (harness.effects !== null) expect(await harness.effects()).toEqual([]);
  });

  if (durable) {
    test("a slow handler does not delay the answer: it is sent when the budget is used up, and the work continues", async () => {
      const hooks = on.receiver({ limits: { budgetMs: 1_000 } });
      const may = Promise.withResolvers<void>();
      const started = Promise.withResolvers<void>();
      hooks.connect.on("payout.paid", async (_event, { tx }) => {
        started.resolve();
        await may.promise;
        await on.effect(tx, "slow");
      });
      const answered = hooks.handle(webhook(eventOf("payout.paid"), { at: START }));
      await started.promise;
      await on.clock.turn(1_000);
      const answer = await answered;
      expect([answer.status, on.outcomes()]).toEqual([200, ["stored"]]);
      may.resolve();
      await answer.settled;
      expect(on.outcomes()).toEqual(["stored", "done"]);
      if (harness.effects !== null) expect(await harness.effects()).toEqual(["slow"]);
    });
  } else {
    test("if nothing outlives the process, a failure is reported to the sender, and its next try is our retry", async () => {
      const hooks = on.receiver();
      const attempts: number[] = [];
      hooks.connect.on("payout.paid", (_event, { attempt }) => {
        attempts.push(attempt);
        if (attempt < 3) throw new Error("no");
      });
      const event = eventOf("payout.paid");
      expect([await on.send(hooks, event), await on.send(hooks, event), await on.send(hooks, event), await on.send(hooks, event)]).toEqual([
        500, 500, 200, 200,
      ]);
      expect(attempts).toEqual([1, 2, 3]);
    });
  }

  test("a started receiver retries automatically, and takes what others left; a stopped one takes nothing more", async () => {
    const hooks = on.receiver();
    const calls: string[] = [];
    const done = Promise.withResolvers<void>();
    hooks.connect.on("payout.paid", (event, { attempt }) => {
      calls.push(`${event.id} ${attempt}`);
      if (attempt === 1) throw new Error("not yet");
      done.resolve();
    });
    await hooks.start();
    await hooks.start();
    await on.send(hooks, eventOf("payout.paid", { id: "evt_again" }));
    // Its sleep is what the clock turns: it looks at least every second.
    const stop = turning(on.clock, hooks);
    await done.promise;
    await stop();
    await hooks.idle();
    await hooks.stop();
    expect(calls).toEqual(["evt_again 1", "evt_again 2"]);
    await on.send(hooks, eventOf("payout.paid", { id: "evt_later" }));
    expect(calls).toHaveLength(durable ? 2 : 3);
    const [row] = await hooks.work({ eventId: "evt_later" });
    expect([row?.state, row?.attempts]).toEqual(durable ? ["pending", 0] : ["pending", 1]);
  });

  test("what waits for room is worked off without a worker that stays", async () => {
    const hooks = on.receiver({ limits: { concurrency: 1 } });
    const may = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const seen: unknown[] = [];
    hooks.connect.on("payout.paid", async (event) => {
      begun.resolve();
      await may.promise;
      seen.push(event.id);
    });
    const first = on.send(hooks, eventOf("payout.paid", { id: "evt_first" }));
    await begun.promise;
    const others = ["evt_second", "evt_third"].map((id) => hooks.handle(webhook(eventOf("payout.paid", { id }), { at: START })));
    // Where it is kept, nobody waits for the answer until there is a slot.
    if (durable) expect((await Promise.all(others)).map(({ status }) => status)).toEqual([200, 200]);
    expect(seen).toEqual([]);
    may.resolve();
    await Promise.all([first, ...others]);
    await hooks.idle();
    expect(seen.sort()).toEqual(["evt_first", "evt_second", "evt_third"]);
  });
}

/** Turns the clock second by second, whenever nothing runs, until told to stop. */
function turning(clock: { turn(ms: number): Promise<void> }, hooks: { idle(): Promise<void> }): () => Promise<void> {
  let stopped = false;
  const ended = (async () => {
    while (!stopped) {
      await hooks.idle();
      await clock.turn(1_000);
    }
  })();
  return async () => {
    stopped = true;
    await ended;
  };
}
