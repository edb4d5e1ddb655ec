import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEFAULT_LIMITS, type Limits } from "../limits.ts";
import type { Claim } from "../store/contract/delivery-store.ts";
import type { AttemptResult } from "./endpoint-record.ts";
import { createFairQueue, type FairQueue } from "./fair-queue.ts";

const limits: Limits = {
  ...DEFAULT_LIMITS,
  attemptsInFlight: 8,
  attemptsInFlightPerAccount: 8,
  attemptsInFlightPerEndpoint: 2,
  attemptsInFlightAtFirst: 2,
  claimsHeld: 100,
  claimsHeldPerAccount: 100,
  claimsHeldPerEndpoint: 10,
  claimsHeldBytes: 1_000,
};
const NOW = 1_000_000;
const QUICK: AttemptResult = { at: NOW, succeeded: true, tookMs: 5, holdMs: 0 };
const FAILED: AttemptResult = { ...QUICK, succeeded: false };

/** `id`: the endpoint, with its account before a dot where that matters. */
function claim(id: string, n = 0, endpoint: Partial<Claim["endpoint"]> = {}): Claim {
  return {
    deliveryId: `${id}/${n}`,
    kind: "automatic",
    token: 1,
    leaseUntil: 0,
    dueAt: 0,
    created: 0,
    attempt: 1,
    event: { id: "evt", type: "t", livemode: false },
    endpoint: {
      ...owned(id),
      livemode: false,
      url: "",
      status: "enabled",
      deleted: false,
      secrets: [],
      firstFailureAt: null,
      toldOf: null,
      rateLimit: null,
      pausedAt: null,
      ...endpoint,
    },
    body: new Uint8Array(2),
  };
}

const owned = (id: string) => ({ id, accountId: id.includes(".") ? (id.split(".")[0] as string) : "acct" });

/** Adds claims of an endpoint, and has taken as many attempts of it as may start. */
function fill(queue: FairQueue, id: string, count: number): void {
  for (let n = 0; n < count; n++) queue.add(claim(id, n), false, NOW);
}

/** The endpoints of all attempts that may start now, in order. */
function takeAll(queue: FairQueue): string[] {
  const taken: string[] = [];
  for (let next = queue.take(); next !== undefined; next = queue.take()) taken.push(next.endpoint.id);
  return taken;
}

/** Lets an endpoint answer so many attempts, one after another. */
function prove(queue: FairQueue, id: string, times = 1, result = QUICK): void {
  for (let n = 0; n < times; n++) {
    queue.add(claim(id), false, NOW);
    expect(queue.take()?.endpoint.id).toBe(id);
    queue.ended(claim(id), result, NOW);
    queue.settled(id);
  }
}

describe("turns", () => {
  test("endpoints go one after another, however much waits for one", () => {
    const queue = createFairQueue(limits);
    fill(queue, "a", 5);
    fill(queue, "b", 1);
    fill(queue, "c", 1);
    expect([1, 2, 3, 4, 5].map(() => queue.take()?.deliveryId)).toEqual(["a/0", "b/0", "c/0", "a/1", undefined]);
    queue.ended(claim("a"), QUICK, NOW);
    expect(queue.take()?.deliveryId).toBe("a/2");
  });

  test("accounts go one after another, however many endpoints one has", () => {
    const queue = createFairQueue({ ...limits, attemptsInFlight: 6 });
    for (const id of ["one.a", "one.b", "one.c", "one.d", "two.a"]) fill(queue, id, 2);
    expect(takeAll(queue)).toEqual(["one.a", "two.a", "one.b", "two.a", "one.c", "one.d"]);
  });

  test("what is in flight is bounded in all", () => {
    const queue = createFairQueue({ ...limits, attemptsInFlight: 3, attemptsInFlightPerAccount: 3 });
    for (const id of ["a", "b", "c", "d"]) fill(queue, id, 1);
    expect(takeAll(queue)).toEqual(["a", "b", "c"]);
    queue.ended(claim("b"), QUICK, NOW);
    expect(queue.take()?.endpoint.id).toBe("d");
  });

  test("and by account", () => {
    const queue = createFairQueue({ ...limits, attemptsInFlightPerAccount: 3 });
    for (const id of ["one.a", "one.b", "one.c", "two.a"]) fill(queue, id, 2);
    expect(takeAll(queue).sort()).toEqual(["one.a", "one.b", "one.c", "two.a", "two.a"]);
    queue.ended(claim("one.b"), null, NOW);
    expect(takeAll(queue)).toEqual(["one.a"]);
  });
});

test("an account has no more under way in all its lanes together than it may have", () => {
  const queue = createFairQueue({ ...limits, attemptsInFlightPerAccount: 3 });
  prove(queue, "one.well");
  fill(queue, "one.well", 2);
  fill(queue, "one.new", 2);
  queue.add(claim("one.failing", 0, { firstFailureAt: NOW - 1 }), false, NOW);
  expect(takeAll(queue)).toEqual(["one.well", "one.well", "one.new"]);
});

describe("lanes", () => {
  const many: Limits = { ...DEFAULT_LIMITS };

  test("endpoints without a record begin with four at once, and have an eighth of all together; an account has half of that", () => {
    const queue = createFairQueue(many);
    for (let n = 0; n < 16; n++) fill(queue, `bad.${n}`, 100);
    const taken = takeAll(queue);
    expect(taken).toHaveLength(31);
    expect(Math.max(...taken.map((id) => taken.filter((other) => other === id).length))).toBe(2);
    fill(queue, "good.a", 100);
    expect(takeAll(queue)).toEqual(Array(4).fill("good.a"));
    for (let n = 0; n < 16; n++) fill(queue, `worse.${n}`, 100);
    expect(takeAll(queue)).toHaveLength(61 - 31 - 4);
  });

  test("an attempt that is overdue takes its endpoint to the slow ones, and what they have too much is charged to nobody else", () => {
    const queue = createFairQueue(many);
    for (let n = 0; n < 16; n++) prove(queue, `bad.${n}`, 3);
    for (let n = 0; n < 16; n++) prove(queue, `worse.${n}`, 3);
    prove(queue, "good.a", 3);
    for (let n = 0; n < 16; n++) for (const bad of ["bad", "worse"]) fill(queue, `${bad}.${n}`, 100);
    const taken = takeAll(queue);
    // An account has half of all; a little is kept for those that are not healthy.
    expect(taken.filter((id) => id.startsWith("bad"))).toHaveLength(241);
    expect(taken).toHaveLength(512 - 15 - 15);
    fill(queue, "good.a", 100);
    expect(takeAll(queue)).toEqual([]);
    for (const id of new Set(taken)) queue.overdue(claim(id), NOW);
    expect(takeAll(queue)).toEqual(Array(32).fill("good.a"));
  });

  test("healthy endpoints leave some slots to the others", () => {
    const queue = createFairQueue({ ...many, reservedPercent: 5 });
    for (let n = 0; n < 64; n++) prove(queue, `${n}.a`, 3);
    for (let n = 0; n < 64; n++) fill(queue, `${n}.a`, 10);
    expect(takeAll(queue)).toHaveLength(512 - 25 - 25);
    fill(queue, "new.a", 10);
    expect(takeAll(queue)).toEqual(Array(4).fill("new.a"));
    queue.add(claim("failing.a", 0, { firstFailureAt: NOW - 1 }), false, NOW);
    expect(takeAll(queue)).toEqual(["failing.a"]);
  });

  test("a failing endpoint is sent to one at a time, and after it is well again 2, 4, 8 …", () => {
    const queue = createFairQueue(many);
    const failing = (n: number) => claim("a", n, { firstFailureAt: NOW - 1 });
    for (let n = 0; n < 4; n++) queue.add(failing(n), false, NOW);
    const widths: number[] = [];
    for (let step = 0; step < 6; step++) {
      const taken = takeAll(queue);
      widths.push(taken.length);
      for (const _ of taken) queue.ended(claim("a"), null, NOW);
      fill(queue, "a", 2 * taken.length + 2);
      queue.take();
      queue.ended(claim("a"), QUICK, NOW);
    }
    expect(widths).toEqual([1, 2, 4, 8, 16, 32]);
  });
});

describe("an endpoint that is left alone", () => {
  test("returns its waiting claims, is skipped, and receives deliveries again when its time has come", () => {
    const told: [string, number | null][] = [];
    const queue = createFairQueue({ ...limits, breakerFailures: 2, breakerOpenMs: 1_000 }, (id, most) => told.push([id, most]));
    fill(queue, "a", 4);
    queue.take();
    queue.take();
    queue.ended(claim("a"), FAILED, NOW);
    queue.ended(claim("a"), FAILED, NOW);
    expect(queue.surplus().map(({ deliveryId }) => deliveryId)).toEqual(["a/2", "a/3"]);
    expect(queue.surplus()).toEqual([]);
    expect(told.at(-1)).toEqual(["a", 0]);
    expect(queue.reserve(owned("a"), 2)).toBe(false);
    for (let n = 0; n < 4; n++) queue.settled("a");
    expect([...queue.passOver()]).toEqual(["a"]);
    const at = queue.nextRelease() as number;
    expect(at).toBeGreaterThan(NOW + 800);
    expect(at).toBeLessThanOrEqual(NOW + 1_000);
    queue.release(at - 1);
    expect(queue.freed()).toBe(false);
    queue.release(at);
    expect(queue.freed()).toBe(true);
    expect([...queue.passOver()]).toEqual([]);
    expect(queue.nextRelease()).toBeNull();
    expect(queue.reserve(owned("a"), 2)).toBe(true);
  });

  test("is one of so many at most: a further one is sent to, one at a time", () => {
    const queue = createFairQueue({ ...limits, breakerFailures: 1, endpointsHeld: 1 });
    prove(queue, "a", 1, FAILED);
    prove(queue, "b", 1, FAILED);
    expect([...queue.passOver()]).toEqual(["a"]);
    fill(queue, "b", 2);
    expect(takeAll(queue)).toEqual(["b"]);
  });

  test("starts again when its owner changes it", () => {
    const queue = createFairQueue({ ...limits, breakerFailures: 1 });
    prove(queue, "a", 1, FAILED);
    expect(queue.reserve(owned("a"), 2)).toBe(false);
    queue.changed("a", NOW);
    expect(queue.nextRelease()).toBeNull();
    fill(queue, "a", 3);
    expect(takeAll(queue)).toEqual(["a", "a"]);
    expect(queue.changed("a", NOW).map(({ deliveryId }) => deliveryId)).toEqual(["a/2"]);
  });
});

describe("a rate limit", () => {
  test("lets the next attempt start exactly when a token frees", () => {
    const queue = createFairQueue({ ...limits, attemptsInFlightPerEndpoint: 8, attemptsInFlightAtFirst: 8 });
    for (let n = 0; n < 6; n++) queue.add(claim("a", n, { rateLimit: 3 }), false, NOW);
    const starts: number[] = [];
    for (let now: number | null = NOW; now !== null && starts.length < 6; now = queue.nextRelease()) {
      queue.release(now);
      for (let next = queue.take(); next !== undefined; next = queue.take()) {
        queue.sent(next, now);
        starts.push(now - NOW);
      }
    }
    expect(starts).toEqual([0, 0, 0, 334, 667, 1_000]);
  });

  test.each([
    [null, 2, 2],
    [5, 2, 2],
    [1, 2, 1],
    [1, 0, 1],
  ])("is the lower of the endpoint's own, %s, and the server's, %i", (rateLimit, endpointRatePerSecond, expected) => {
    const queue = createFairQueue({ ...limits, endpointRatePerSecond, attemptsInFlightPerEndpoint: 8, attemptsInFlightAtFirst: 8 });
    for (let n = 0; n < 6; n++) queue.add(claim("a", n, { rateLimit }), false, NOW);
    let sent = 0;
    for (let next = queue.take(); next !== undefined; next = queue.take(), sent++) queue.sent(next, NOW);
    expect(sent).toBe(expected);
  });

  test("keeps what waits for it in memory, up to what can be sent in a part of a lease", () => {
    const queue = createFairQueue(limits);
    for (let n = 0; n < 3; n++) queue.add(claim("a", n, { rateLimit: 1 }), false, NOW);
    queue.sent(queue.take() as Claim, NOW);
    expect(takeAll(queue)).toEqual([]);
    expect([queue.held, queue.paused]).toEqual([3, 2]);
    expect(queue.drain()).toHaveLength(2);
    expect(queue.paused).toBe(0);
    expect(queue.nextRelease()).toBeNull();
  });
});

describe("what was taken", () => {
  test("is let go of, also when its endpoint always has more waiting", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const queue = createFairQueue(limits);
    for (let n = 1; n < 8; n++) queue.add(claim("a", n), false, NOW);
    const first = takenAndSettled();
    // A target is kept until the job that looked at it is over.
    await new Promise(setImmediate);
    collect();
    expect(first.deref()).toBeUndefined();
    expect(queue.held).toBe(7);

    function takenAndSettled(): WeakRef<Claim> {
      const taken = queue.take() as Claim;
      queue.ended(taken, QUICK, NOW);
      queue.settled("a");
      queue.add(claim("a", 8), false, NOW);
      return new WeakRef(taken);
    }
  });
});

describe("capacity", () => {
  test("is kept until settled, per endpoint and in all", () => {
    const queue = createFairQueue({ ...limits, claimsHeld: 12 });
    for (let n = 0; n < 10; n++) expect(queue.reserve(owned("a"), 2)).toBe(true);
    expect(queue.reserve(owned("a"), 2)).toBe(false);
    expect(queue.reserve(owned("b"), 2)).toBe(true);
    expect(queue.reserve(owned("c"), 2)).toBe(true);
    expect(queue.reserve(owned("d"), 2)).toBe(false);
    queue.unreserve("a", 9, 18);
    queue.add(claim("a"), true, NOW);
    expect(queue.held).toBe(3);
    queue.take();
    queue.ended(claim("a"), QUICK, NOW);
    expect(queue.held).toBe(3);
    queue.settled("a");
    expect(queue.held).toBe(2);
  });

  test("is bounded by account as well", () => {
    const queue = createFairQueue({ ...limits, claimsHeldPerAccount: 3 });
    expect(["one.a", "one.b", "one.a", "one.c", "two.a"].map((id) => queue.reserve(owned(id), 2))).toEqual([true, true, true, false, true]);
    queue.unreserve("one.b", 1, 2);
    expect(queue.reserve(owned("one.c"), 2)).toBe(true);
  });

  test("is bounded in bytes too: an account may have half, and a body counts until its attempt ends", () => {
    const queue = createFairQueue({ ...limits, claimsHeldPerEndpoint: 100, claimsHeldBytes: 20 });
    expect(["a", "a", "b", "a", "a", "a"].map((id) => queue.reserve(owned(`one.${id}`), 2))).toEqual([true, true, true, true, true, false]);
    queue.reserve(owned("two.a"), 10);
    expect([...queue.passOver()]).toEqual(["two.a"]);
    expect(queue.room()).toBe(0);
    expect(queue.reserve(owned("three.a"), 1)).toBe(false);
    queue.add(claim("one.a"), true, NOW);
    queue.take();
    queue.ended(claim("one.a"), QUICK, NOW);
    expect(queue.reserve(owned("three.a"), 1)).toBe(true);
  });

  test("an endpoint with enough is passed over", () => {
    const queue = createFairQueue(limits);
    fill(queue, "a", 5);
    expect([...queue.passOver()]).toEqual(["a"]);
    queue.take();
    queue.ended(claim("a"), QUICK, NOW);
    expect(queue.freed()).toBe(false);
    queue.settled("a");
    expect(queue.freed()).toBe(true);
    expect([...queue.passOver()]).toEqual([]);
  });

  test("of a failing endpoint little is held: the latest waiting claims are returned", () => {
    const queue = createFairQueue({ ...limits, attemptsInFlightAtFirst: 1 });
    fill(queue, "a", 9);
    queue.take();
    queue.ended(claim("a"), FAILED, NOW);
    expect(queue.surplus().map(({ deliveryId }) => deliveryId)).toEqual(["a/3", "a/4", "a/5", "a/6", "a/7", "a/8"]);
    for (let n = 0; n < 7; n++) queue.settled("a");
    expect([...queue.passOver()]).toEqual(["a"]);
    expect(queue.reserve(owned("a"), 2)).toBe(false);
  });
});

test("endpoints are forgotten when there are too many, but for those that something is held of", () => {
  const told: string[] = [];
  const queue = createFairQueue({ ...limits, endpointsRemembered: 3 }, (id, most) => told.push(`${id} ${most}`));
  prove(queue, "a", 1, FAILED);
  prove(queue, "b");
  fill(queue, "c", 1);
  expect(told).toEqual(["a 2"]);
  prove(queue, "c");
  expect(told).toEqual(["a 2"]);
  fill(queue, "d", 1);
  expect(told).toEqual(["a 2", "a null"]);
});

test("everything added is taken once, in its endpoint's order, within the bounds, whatever happens", () => {
  const ids = ["one.a", "one.b", "two.a"];
  const outcome = fc.constantFrom<AttemptResult | null>(QUICK, FAILED, null, { ...QUICK, tookMs: 9_000 });
  const step = fc.oneof(
    fc.record({ add: fc.constantFrom(...ids) }),
    fc.constant("take" as const),
    fc.record({ end: fc.nat(), outcome, late: fc.boolean() }),
    fc.record({ change: fc.constantFrom(...ids) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), fc.boolean(), (steps, breaks) => {
      const queue = createFairQueue({ ...limits, breakerFailures: breaks ? 2 : 0, attemptsInFlightPerAccount: 3 });
      let now = NOW;
      const waiting: Record<string, string[]> = {};
      const flying: Claim[] = [];
      let added = 0;
      const add = (id: string) => {
        const next = claim(id, added++);
        waiting[id] = [...(waiting[id] ?? []), next.deliveryId];
        queue.add(next, false, now);
        giveBack(queue.surplus());
      };
      /** Given back, a claim comes again behind all others. */
      const giveBack = (claims: readonly Claim[]) => {
        for (const { deliveryId, endpoint } of claims) {
          waiting[endpoint.id] = (waiting[endpoint.id] ?? []).filter((other) => other !== deliveryId);
          queue.settled(endpoint.id);
        }
      };
      const takeOne = () => {
        const next = queue.take();
        if (next === undefined) return false;
        queue.sent(next, now);
        const { id, accountId } = next.endpoint;
        expect(next.deliveryId).toBe(waiting[id]?.shift());
        flying.push(next);
        expect(flying.filter(({ endpoint }) => endpoint.id === id).length).toBeLessThanOrEqual(limits.attemptsInFlightPerEndpoint);
        expect(flying.filter(({ endpoint }) => endpoint.accountId === accountId).length).toBeLessThanOrEqual(3);
        return true;
      };
      const endOne = (which: number, result: AttemptResult | null, late: boolean) => {
        const [ending] = flying.splice(which % flying.length, 1) as [Claim];
        if (late) {
          queue.overdue(ending, now);
          queue.overdueEnded(ending, result, now);
        } else queue.ended(ending, result, now);
        queue.settled(ending.endpoint.id);
        giveBack(queue.surplus());
      };
      for (const one of steps) {
        if (one === "take") takeOne();
        else if ("add" in one) add(one.add);
        else if ("change" in one) giveBack(queue.changed(one.change, now));
        else if (flying.length > 0) endOne(one.end, one.outcome, one.late);
      }
      for (;;) {
        while (takeOne());
        if (flying.length > 0) {
          endOne(0, QUICK, false);
          continue;
        }
        const next = queue.nextRelease();
        if (next === null) break;
        now = Math.max(now, next);
        queue.release(now);
      }
      expect(Object.values(waiting).flat()).toEqual([]);
      expect([queue.held, queue.inFlight, queue.paused]).toEqual([0, 0, 0]);
      expect([...queue.passOver()]).toEqual([]);
      expect(queue.room()).toBe(limits.claimsHeld);
    }),
  );
});
