import { describe, expect, test } from "vitest";
import { START } from "../test/signed-webhook.ts";
import { decideClaim } from "./decide-claim.ts";
import type { Claim } from "./inbox/inbox.ts";
import { inboxEvent } from "./inbox-contract/inbox-fixture.ts";

const handler = { kind: "snapshot", attempts: 3 } as const;
const gone = { kind: "deauthorized", attempts: 3 } as const;

function claim({ event, ...more }: Partial<Omit<Claim, "event">> & { event?: Parameters<typeof inboxEvent>[0] } = {}): Claim {
  return {
    number: 1,
    handler: "a",
    fence: 1,
    leaseUntil: START,
    attempt: 1,
    order: "latest",
    orderKey: "k",
    forced: false,
    mark: null,
    newerWaits: false,
    accountLeftAt: null,
    ...more,
    event: inboxEvent(event),
  };
}
const mark = (at: number, ended = false) => ({ created: START + at, ended });

describe("a claim", () => {
  test("runs when nothing speaks against it", () => {
    expect(decideClaim(claim(), handler)).toEqual({ run: true, tied: false });
    expect(decideClaim(claim({ mark: mark(-1_000) }), handler)).toEqual({ run: true, tied: false });
  });

  test("of the second that was handled last runs, and is said to be tied", () => {
    expect(decideClaim(claim({ mark: mark(0) }), handler)).toEqual({ run: true, tied: true });
  });

  test("is stale when a newer event was handled, or waits, or the object has ended", () => {
    for (const given of [{ mark: mark(1) }, { newerWaits: true }, { mark: mark(-1_000, true) }, { mark: mark(0), newerWaits: true }])
      expect(decideClaim(claim(given), handler)).toEqual({ run: false, state: "stale" });
  });

  test("of a thing that was made again under its own id after it had ended runs, and only that", () => {
    const ended = mark(-5_000, true);
    const body = (created: number) =>
      new TextEncoder().encode(JSON.stringify({ data: { object: { created: (START + created) / 1_000 } } }));
    const decided = (type: string, at: number, made: number) =>
      decideClaim(claim({ mark: ended, event: { type, at, body: body(made) } }), handler).run;
    expect(decided("coupon.created", 0, 0)).toBe(true);
    expect(decided("coupon.updated", 0, -1_000)).toBe(true);
    // Its former life: late events, and those of the second of its end.
    expect(decided("coupon.updated", 0, -9_000)).toBe(false);
    expect(decided("coupon.created", -9_000, -9_000)).toBe(false);
    expect(decided("coupon.created", -5_000, -5_000)).toBe(false);
  });

  test("is never stale with another order", () => {
    for (const order of ["any", "serial"] as const)
      expect(decideClaim(claim({ order, mark: mark(9, true), newerWaits: true }), handler)).toEqual({ run: true, tied: false });
  });

  test("that was replayed runs whatever is known", () => {
    expect(decideClaim(claim({ forced: true, mark: mark(9, true), accountLeftAt: START + 9 }), handler)).toEqual({
      run: true,
      tied: false,
    });
  });

  test("that never came to an end is given up", () => {
    expect(decideClaim(claim({ attempt: 3 }), handler)).toMatchObject({ run: true });
    expect(decideClaim(claim({ attempt: 4 }), handler)).toMatchObject({ run: false, state: "dead" });
  });

  test("of an account that has left is cancelled, or waits if it happened afterwards", () => {
    expect(decideClaim(claim({ accountLeftAt: START }), handler)).toEqual({ run: false, state: "cancelled" });
    expect(decideClaim(claim({ accountLeftAt: START - 1 }), handler)).toEqual({ run: false, state: "quarantined" });
    const tells = { type: "account.application.deauthorized" };
    expect(decideClaim(claim({ accountLeftAt: START, event: tells }), handler)).toMatchObject({ run: true });
  });

  test("that tells of a disconnection runs while that still holds", () => {
    expect(decideClaim(claim({ accountLeftAt: START }), gone)).toMatchObject({ run: true });
    expect(decideClaim(claim({ accountLeftAt: null }), gone)).toEqual({ run: false, state: "stale" });
    expect(decideClaim(claim({ accountLeftAt: START + 1_000 }), gone)).toEqual({ run: false, state: "stale" });
    expect(decideClaim(claim({ accountLeftAt: null, forced: true }), gone)).toMatchObject({ run: true });
  });
});
