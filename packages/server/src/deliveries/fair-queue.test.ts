import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Claim } from "../store/store.ts";
import { createFairQueue } from "./fair-queue.ts";

const limits = { inFlight: 8, inFlightPerEndpoint: 2, held: 100, heldPerEndpoint: 10, busyFrom: 5, heldBytes: 1_000 };

function claim(endpointId: string, n: number): Claim {
  return {
    deliveryId: `${endpointId}/${n}`,
    kind: "automatic",
    token: 1,
    leaseUntil: 0,
    dueAt: 0,
    created: 0,
    attempt: 1,
    event: { id: "evt", type: "t", livemode: false },
    endpoint: {
      id: endpointId,
      livemode: false,
      url: "",
      status: "enabled",
      deleted: false,
      secrets: [],
      firstFailureAt: null,
      toldOf: null,
    },
    body: new Uint8Array(2),
  };
}

describe("turns", () => {
  test("endpoints go one after another, however long one's line is", () => {
    const queue = createFairQueue(limits);
    for (let n = 0; n < 5; n++) queue.add(claim("a", n), false);
    queue.add(claim("b", 0), false);
    queue.add(claim("c", 0), false);
    expect([1, 2, 3, 4, 5].map(() => queue.take()?.deliveryId)).toEqual(["a/0", "b/0", "c/0", "a/1", undefined]);
    queue.ended(claim("a", 0));
    expect(queue.take()?.deliveryId).toBe("a/2");
  });

  test("what is in flight is bounded in all", () => {
    const queue = createFairQueue({ ...limits, inFlight: 3 });
    for (const id of ["a", "b", "c", "d"]) queue.add(claim(id, 0), false);
    expect([queue.take(), queue.take(), queue.take(), queue.take()].map((taken) => taken?.endpoint.id)).toEqual(["a", "b", "c", undefined]);
    queue.ended(claim("b", 0));
    expect(queue.take()?.endpoint.id).toBe("d");
  });
});

describe("what was taken", () => {
  test("is let go of, also when its endpoint always has more waiting", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const queue = createFairQueue(limits);
    for (let n = 1; n < 8; n++) queue.add(claim("a", n), false);
    const first = takenAndSettled();
    // A target is kept until the job that looked at it is over.
    await new Promise(setImmediate);
    collect();
    expect(first.deref()).toBeUndefined();
    expect(queue.held).toBe(7);

    function takenAndSettled(): WeakRef<Claim> {
      const taken = queue.take() as Claim;
      queue.ended(taken);
      queue.settled("a");
      queue.add(claim("a", 8), false);
      return new WeakRef(taken);
    }
  });
});

describe("room", () => {
  test("is kept until settled, per endpoint and in all", () => {
    const queue = createFairQueue({ ...limits, held: 12 });
    for (let n = 0; n < 10; n++) expect(queue.reserve("a", 2)).toBe(true);
    expect(queue.reserve("a", 2)).toBe(false);
    expect(queue.reserve("b", 2)).toBe(true);
    expect(queue.reserve("c", 2)).toBe(true);
    expect(queue.reserve("d", 2)).toBe(false);
    queue.unreserve("a", 9, 18);
    queue.add(claim("a", 0), true);
    expect(queue.held).toBe(3);
    queue.take();
    queue.ended(claim("a", 0));
    expect(queue.held).toBe(3);
    queue.settled("a");
    expect(queue.held).toBe(2);
  });

  test("is bounded in bytes as well: an endpoint may have half, and a body counts until its attempt ends", () => {
    const queue = createFairQueue({ ...limits, heldPerEndpoint: 100, busyFrom: 100, heldBytes: 20 });
    expect([1, 2, 3, 4, 5, 6].map(() => queue.reserve("a", 2))).toEqual([true, true, true, true, true, false]);
    expect([...queue.busy()]).toEqual(["a"]);
    queue.reserve("b", 10);
    expect(queue.room()).toBe(0);
    expect(queue.reserve("e", 1)).toBe(false);
    queue.add(claim("a", 0), true);
    queue.take();
    queue.ended(claim("a", 0));
    expect([...queue.busy()]).toEqual(["b"]);
    expect(queue.reserve("e", 1)).toBe(true);
  });

  test("an endpoint with enough is busy", () => {
    const queue = createFairQueue(limits);
    for (let n = 0; n < 5; n++) queue.add(claim("a", n), false);
    expect([...queue.busy()]).toEqual(["a"]);
    queue.take();
    queue.ended(claim("a", 0));
    queue.settled("a");
    expect([...queue.busy()]).toEqual([]);
  });
});

test("everything added is taken once, in its endpoint's order, within the bounds, whatever happens", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.record({ add: fc.constantFrom("a", "b", "c") }), fc.constant("take"), fc.nat()), { maxLength: 400 }),
      (steps) => {
        const queue = createFairQueue(limits);
        const added: Record<string, number> = {};
        const taken: Record<string, number> = {};
        const flying: string[] = [];
        const takeOne = () => {
          const next = queue.take();
          if (next === undefined) return false;
          const id = next.endpoint.id;
          expect(next.deliveryId).toBe(`${id}/${taken[id] ?? 0}`);
          taken[id] = (taken[id] ?? 0) + 1;
          flying.push(id);
          expect(flying.filter((other) => other === id).length).toBeLessThanOrEqual(limits.inFlightPerEndpoint);
          expect(flying.length).toBeLessThanOrEqual(limits.inFlight);
          return true;
        };
        const endOne = (which: number) => {
          const [id] = flying.splice(which % flying.length, 1) as [string];
          queue.ended(claim(id, 0));
          queue.settled(id);
        };
        for (const step of steps) {
          if (typeof step === "object") {
            queue.add(claim(step.add, added[step.add] ?? 0), false);
            added[step.add] = (added[step.add] ?? 0) + 1;
          } else if (step === "take") takeOne();
          else if (typeof step === "number" && flying.length > 0) endOne(step);
        }
        while (takeOne() || flying.length > 0) if (flying.length > 0) endOne(0);
        expect(taken).toEqual(added);
        expect(queue.held).toBe(0);
        expect(queue.inFlight).toBe(0);
        expect(queue.room()).toBe(limits.held);
      },
    ),
  );
});
