import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { InboxHarness } from "../../src/inbox-contract/inbox-harness.ts";
import type { StripeClient } from "../../src/index.ts";
import { eventOf } from "../signed-webhook.ts";
import { accountEvent, OpenedReceiver } from "./opened-receiver.ts";

/** Order by handler, equal seconds, endings, freshness. */
export function orderAcceptance<Tx>(harness: InboxHarness<Tx>): void {
  const on = new OpenedReceiver(harness);
  const at = (event: { data: { object: object } }): unknown => (event.data.object as { at?: unknown }).at;

  describe("latest, which handlers of *.updated have unless told otherwise", () => {
    test("leaves out what is older than what was handled", async () => {
      const hooks = on.receiver();
      const seen: unknown[] = [];
      hooks.connect.on("account.updated", (event) => seen.push(at(event)));
      for (const second of [1, 5, 3, 6]) expect(await on.send(hooks, accountEvent("account.updated", second))).toBe(200);
      expect(seen).toEqual([1, 5, 6]);
      expect(on.outcomes().filter((outcome) => outcome === "stale")).toHaveLength(1);
    });

    test("holds for objects with ids of thousands of characters, each by itself", async () => {
      // Of letters that repeat nothing, so that no database makes them short.
      const random = fc.sample(fc.string({ unit: fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz0123456789"), minLength: 5_000 }), {
        numRuns: 1,
        seed: 7,
      })[0];
      const hooks = on.receiver();
      const seen: unknown[] = [];
      hooks.connect.on("product.updated", (event) => seen.push([(event.data.object as { id: string }).id.slice(-1), event.created]));
      for (const [last, created] of [
        ["a", 1],
        ["a", 5],
        ["b", 3],
        ["a", 3],
      ] as const)
        expect(await on.send(hooks, eventOf("product.updated", { created, object: { id: random + last, object: "product" } }))).toBe(200);
      expect(seen).toEqual([
        ["a", 1],
        ["a", 5],
        ["b", 3],
      ]);
    });

    test("handles both of the same second, in whichever order they come", async () => {
      for (const [id, order] of [
        ["one", ["a", "b"]],
        ["other", ["b", "a"]],
      ] as const) {
        const hooks = on.receiver();
        const seen: unknown[] = [];
        hooks.connect.on("account.updated", { id }, (event, { tied }) => seen.push([event.data.object.id, tied]));
        for (const name of order) {
          const object = { id: "acct_1", object: "account", name };
          await on.send(hooks, accountEvent("account.updated", 9, { id: `evt_${id}_${name}`, account: `acct_${id}`, object }));
        }
        expect(seen).toEqual([
          ["acct_1", false],
          ["acct_1", true],
        ]);
      }
    });

    test("with a client, the second of a second is handled with the object as it is now", async () => {
      const { client, calls } = fakeClient(() => ({ id: "acct_1", object: "account", at: "now" }));
      const hooks = on.receiver({ stripe: client });
      const seen: unknown[] = [];
      hooks.connect.on("account.updated", (event) => seen.push(at(event)));
      await on.send(hooks, accountEvent("account.updated", 9, { object: { id: "acct_1", object: "account", at: "newer" } }));
      await on.send(hooks, accountEvent("account.updated", 9, { object: { id: "acct_1", object: "account", at: "older" } }));
      expect(seen).toEqual(["newer", "now"]);
      expect(calls).toEqual([["/v1/accounts/acct_1", {}]]);
    });

    test("what was deleted stays deleted", async () => {
      const hooks = on.receiver();
      const seen: unknown[] = [];
      hooks.connect.on(["person.updated", "person.deleted"], { id: "people", order: "latest" }, (event) => seen.push(event.type));
      const object = { id: "person_1", object: "person" };
      await on.send(hooks, accountEvent("person.deleted", 5, { object }));
      for (const second of [4, 5, 6]) await on.send(hooks, accountEvent("person.updated", second, { object }));
      await on.send(hooks, accountEvent("person.updated", 1, { object: { ...object, id: "person_2" } }));
      expect(seen).toEqual(["person.deleted", "person.updated"]);
    });

    test("what is created again under its own id begins a new life", async () => {
      const hooks = on.receiver();
      const seen: unknown[] = [];
      hooks.platform.on("coupon.*", { order: "latest" }, (event) => seen.push(`${event.type} ${event.created - 1_767_225_600}`));
      const coupon = (type: string, at: number, made: number) =>
        on.send(
          hooks,
          accountEvent(type, at, { account: null, object: { id: "SPRING", object: "coupon", created: 1_767_225_600 + made } }),
          "whsec_platform",
        );
      await coupon("coupon.created", 1, 1);
      await coupon("coupon.deleted", 5, 1);
      await coupon("coupon.updated", 6, 1);
      await coupon("coupon.updated", 8, 7);
      await coupon("coupon.updated", 4, 1);
      await coupon("coupon.deleted", 9, 7);
      await coupon("coupon.created", 12, 12);
      await coupon("coupon.updated", 13, 12);
      expect(seen).toEqual([
        "coupon.created 1",
        "coupon.deleted 5",
        "coupon.updated 8",
        "coupon.deleted 9",
        "coupon.created 12",
        "coupon.updated 13",
      ]);
    });

    test("a burst becomes one call", async () => {
      const hooks = on.receiver();
      const seen: unknown[] = [];
      hooks.connect.on("account.updated", { coalesceMs: 2_000 }, (event) => seen.push(at(event)));
      for (const second of [1, 2, 4, 3]) await on.send(hooks, accountEvent("account.updated", second));
      await hooks.drain();
      expect(seen).toEqual([]);
      await on.clock.turn(2_000);
      await hooks.drain();
      expect(seen).toEqual([4]);
    });
  });

  test("serial: one after another by the time they were created, also past one that has to be tried again", async () => {
    const hooks = on.receiver();
    const seen: unknown[] = [];
    hooks.connect.on("payout.*", { order: "serial" }, (event, { attempt }) => {
      seen.push(`${event.type} ${attempt}`);
      if (event.type === "payout.created" && attempt === 1) throw new Error("not yet");
    });
    const object = { id: "po_1", object: "payout" };
    await on.send(hooks, accountEvent("payout.created", 1, { object }));
    await on.send(hooks, accountEvent("payout.paid", 3, { object }));
    await on.send(hooks, accountEvent("payout.updated", 2, { object }));
    expect(seen).toEqual(["payout.created 1"]);
    await on.clock.turn(5_000);
    await hooks.drain();
    expect(seen).toEqual(["payout.created 1", "payout.created 2", "payout.updated 1", "payout.paid 1"]);
  });

  test("any, which other handlers have unless told otherwise: each as it comes", async () => {
    const hooks = on.receiver();
    const seen: unknown[] = [];
    hooks.connect.on("payout.*", (event) => seen.push(event.type));
    const object = { id: "po_1", object: "payout" };
    for (const [type, second] of [
      ["payout.paid", 3],
      ["payout.created", 1],
      ["payout.paid", 3],
    ] as const)
      await on.send(hooks, accountEvent(type, second, { object }));
    expect(seen).toEqual(["payout.paid", "payout.created", "payout.paid"]);
  });

  test("fresh() fetches with the client of the mode and for the account, once for all who ask at the same time", async () => {
    const live = fakeClient((path) => ({ path, mode: "live" }));
    const test = fakeClient((path) => ({ path, mode: "test" }));
    const hooks = on.receiver({ livemode: "both", stripe: { live: live.client, test: test.client } });
    const seen: unknown[] = [];
    hooks.connect.on("payout.paid", async (_event, { fresh, as }) => seen.push(await Promise.all([fresh(), fresh()]), as));
    const object = { id: "po_1", object: "payout" };
    await on.send(hooks, accountEvent("payout.paid", 1, { object, livemode: true }));
    expect(seen).toEqual([Array(2).fill({ path: "/v1/payouts/po_1", mode: "live" }), { stripeAccount: "acct_1" }]);
    expect([live.calls, test.calls]).toEqual([[["/v1/payouts/po_1", { stripeAccount: "acct_1" }]], []]);
  });
}

/** A client whose answers are made by a function. */
export function fakeClient(answer: (path: string) => unknown): { client: StripeClient; calls: unknown[] } {
  const calls: unknown[] = [];
  return {
    calls,
    client: {
      async rawRequest(_method, path, _params, options) {
        calls.push([path, options]);
        return answer(path);
      },
    },
  };
}
