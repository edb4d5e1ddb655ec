import { expect, test } from "vitest";
import type { InboxHarness } from "../../src/inbox-contract/inbox-harness.ts";
import { eventOf } from "../signed-webhook.ts";
import { accountEvent, OpenedReceiver } from "./opened-receiver.ts";

/** Handlers that get another name, or go. */
export function renamingAcceptance<Tx>(harness: InboxHarness<Tx>): void {
  const on = new OpenedReceiver(harness);

  /** A receiver of the version before: one event waits, one is dead. */
  async function before(): Promise<void> {
    const hooks = on.receiver();
    let tries = 0;
    hooks.connect.on("payout.failed", { attempts: 2 }, () => {
      if (++tries < 4) throw new Error("not yet");
    });
    await on.send(hooks, eventOf("payout.failed", { id: "evt_dead" }));
    await on.clock.turn(5_000);
    await hooks.drain();
    await on.send(hooks, eventOf("payout.failed", { id: "evt_waits" }));
    expect((await hooks.depth()).orphans).toEqual([]);
    await on.clock.turn(60_000);
  }

  test("work of a handler that is gone is counted and named: by depth, drain, start and the doctor", async () => {
    await before();
    const hooks = on.receiver();
    hooks.connect.on(["payout.failed", "payout.paid"], { id: "payouts" }, () => undefined);
    const orphan = { handler: "connect:payout.failed", pending: 1, dead: 1, quarantined: 0 };
    expect((await hooks.depth()).orphans).toMatchObject([orphan]);
    expect(await hooks.drain()).toMatchObject({ tries: 0, empty: true, orphans: [orphan] });
    const says = /this program does not run it: "connect:payout\.failed" \(1 waiting, 1 dead\).*aliases: \["connect:payout\.failed"\]/;
    expect(on.said()).toMatch(says);
    on.reports.length = 0;
    const other = on.receiver();
    await other.start();
    await other.stop();
    expect(on.said()).toMatch(/"connect:payout\.failed" \(1 waiting, 1 dead\)/);
    const { findings } = await hooks.doctor();
    expect(findings.find(({ code }) => code === "work_orphaned")?.says).toContain('"connect:payout.failed" (1 waiting, 1 dead)');
  });

  test("an alias takes it over, with its dead letters", async () => {
    await before();
    const hooks = on.receiver();
    const seen: string[] = [];
    hooks.connect.on(["payout.failed", "payout.paid"], { id: "payouts", aliases: ["connect:payout.failed"] }, (event) =>
      seen.push(event.id),
    );
    expect(await hooks.drain()).toMatchObject({ tries: 1, empty: true, orphans: [] });
    expect(seen).toEqual(["evt_waits"]);
    expect(await hooks.replayDead({ handler: "payouts", dryRun: true })).toBe(1);
    expect(await hooks.replayDead({ handler: "payouts", type: "payout.paid" })).toBe(0);
    expect(await hooks.replayDead({ handler: "payouts", since: on.clock.now() })).toBe(0);
    expect(await hooks.replayDead({ handler: "payouts", type: "payout.failed", since: new Date(on.clock.now() - 3_600_000) })).toBe(1);
    await hooks.drain();
    await hooks.idle();
    expect(seen).toEqual(["evt_waits", "evt_dead"]);
    await expect(hooks.replayDead({ handler: "paid" })).rejects.toThrow('There is no handler "paid". The handlers are payouts.');
  });

  test("and what it knows of each object: older events stay out", async () => {
    const former = on.receiver();
    former.connect.on("account.updated", () => undefined);
    await on.send(former, accountEvent("account.updated", 5));
    const hooks = on.receiver();
    const seen: unknown[] = [];
    hooks.connect.on("account.updated", { id: "accounts", aliases: ["connect:account.updated"] }, (event) => seen.push(event.created));
    await on.send(hooks, accountEvent("account.updated", 4));
    await on.send(hooks, accountEvent("account.updated", 6));
    expect(seen).toEqual([1_767_225_606]);
  });

  test("a handler of several types must have a name, and an alias is nobody's name", () => {
    const hooks = on.receiver();
    const untyped = hooks.connect as unknown as { on(patterns: string[], handler: () => void): void };
    expect(() => untyped.on(["payout.failed", "payout.paid"], () => undefined)).toThrow(
      /needs a name that does not depend.*aliases: \["connect:payout\.failed,payout\.paid"\]/,
    );
    hooks.connect.on("payout.paid", { id: "paid", aliases: ["old"] }, () => undefined);
    for (const given of [{ id: "other", aliases: ["paid"] }, { id: "other", aliases: ["old"] }, { id: "old" }]) {
      expect(() => hooks.connect.on("payout.failed", given, () => undefined)).toThrow(/An alias must be a name that is no longer used/);
    }
  });
}
