import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createCrowd, type Work } from "./crowd.ts";

/** A crowd whose connections are named after their address: `a1` is the first of `a`. */
function crowd(connections: number, perAddress: number, reserved = 0) {
  const made = createCrowd<string>({ connections, perAddress, reserved });
  const work = new Map<string, Work | null>();
  return {
    ...made,
    come: (name: string, proxy = false) => {
      const { admitted, evicted } = made.admit(name, name.charAt(0), proxy);
      return evicted ?? admitted;
    },
    begin: (name: string) => work.set(name, made.begin(name)),
    done: (name: string) => work.get(name)?.done(),
  };
}

describe("an address at its cap", () => {
  test("gives the connection that has waited longest for a new one", () => {
    const { come, begin, done } = crowd(100, 3);
    for (const name of ["a1", "a2", "a3", "b1"]) expect(come(name)).toBe(true);
    begin("a1");
    expect(come("a4")).toBe("a2");
    done("a1");
    expect([come("a5"), come("a6"), come("a7")]).toEqual(["a3", "a4", "a1"]);
    expect(come("b2")).toBe(true);
  });

  test("is refused another one when all are being worked on", () => {
    const { come, begin, done, leave } = crowd(100, 2);
    for (const name of ["a1", "a2"]) come(name);
    for (const name of ["a1", "a2"]) begin(name);
    expect(come("a3")).toBe(false);
    done("a2");
    expect(come("a4")).toBe("a2");
    leave("a1");
    expect(come("a5")).toBe(true);
  });

  test("is not that of a trusted proxy, which has none", () => {
    const { come } = crowd(100, 2);
    expect([come("p1", true), come("p2", true), come("p3", true)]).toEqual([true, true, true]);
  });
});

describe("when all places are taken", () => {
  test("the address with the most waiting connections loses the one that has waited longest", () => {
    const { come } = crowd(6, 5);
    for (const name of ["a1", "b1", "b2", "b3", "a2", "c1"]) come(name);
    expect([come("d1"), come("e1")]).toEqual(["b1", expect.stringMatching(/^[ab]/)]);
  });

  test("no client gets in at the cost of a client that has less", () => {
    const { come, begin } = crowd(4, 4);
    for (const name of ["a1", "a2", "b1", "b2"]) come(name);
    for (const name of ["b1", "b2"]) begin(name);
    expect(come("b3")).toBe("a1");
    expect(come("b4")).toBe(false);
  });

  test("connections of trusted proxies go last, and theirs come in first", () => {
    const { come, begin } = crowd(4, 4);
    for (const name of ["p1", "p2", "p3"]) come(name, true);
    come("a1");
    expect(come("b1")).toBe("a1");
    expect(come("p4", true)).toBe("b1");
    expect(come("c1")).toBe("p1");
    begin("c1");
    expect(come("p5", true)).toBe("p2");
  });

  test("and nothing waits, the reserve is for those who have none", () => {
    const { come, begin, leave } = crowd(4, 4, 2);
    for (const name of ["a1", "a2"]) come(name);
    for (const name of ["a1", "a2"]) begin(name);
    expect(come("a3")).toBe(false);
    expect([come("b1"), come("c1")]).toEqual([true, "b1"]);
    begin("c1");
    expect(come("d1")).toBe(true);
    begin("d1");
    expect([come("e1"), come("d2")]).toEqual([false, false]);
    leave("d1");
    expect(come("e2")).toBe(true);
  });
});

test("pipelined requests are all worked on before their connection counts as waiting", () => {
  const made = createCrowd<string>({ connections: 1, perAddress: 1, reserved: 0 });
  made.admit("a1", "a", false);
  const [one, two] = [made.begin("a1"), made.begin("a1")];
  for (const _ of [1, 2]) one?.done();
  expect(made.admit("b1", "b", false).admitted).toBe(false);
  two?.done();
  expect(made.admit("b1", "b", false)).toEqual({ admitted: true, evicted: "a1" });
});

test("what is done for a connection that has gone changes nothing", () => {
  const made = createCrowd<string>({ connections: 1, perAddress: 1, reserved: 0 });
  made.admit("a1", "a", false);
  const work = made.begin("a1");
  made.leave("a1");
  made.admit("a1", "a", false);
  made.begin("a1");
  work?.done();
  expect(made.admit("b1", "b", false).admitted).toBe(false);
  expect(made.begin("b1")).toBeNull();
});

test("whatever comes and goes: no cap is passed, no work is cut off, and nobody without a connection is kept out while anything waits", () => {
  const LIMITS = { connections: 12, perAddress: 5, reserved: 2 };
  const step = fc.record({ act: fc.constantFrom("come", "come", "come", "begin", "done", "leave"), who: fc.nat(7), which: fc.nat(11) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const made = createCrowd<number>(LIMITS);
      const open = new Map<number, { who: number; busy: boolean; work: Work | null }>();
      const isProxy = (who: number) => who === 7;
      const waitingOf = (who: number) => [...open.values()].filter((one) => one.who === who && !one.busy).length;
      for (const [n, { act, who, which }] of steps.entries()) {
        const chosen = [...open.keys()][which % Math.max(1, open.size)];
        if (act === "come") {
          const held = [...open.values()].filter((one) => one.who === who).length;
          const most = Math.max(...[0, 1, 2, 3, 4, 5, 6].map(waitingOf));
          const anyWaits = [...open.values()].some(({ busy }) => !busy);
          const { admitted, evicted } = made.admit(n, String(who), isProxy(who));
          if (evicted !== null) {
            const victim = open.get(evicted);
            expect(victim?.busy).toBe(false);
            const own = victim?.who === who && held >= LIMITS.perAddress;
            if (!own && victim !== undefined && !isProxy(victim.who)) expect(waitingOf(victim.who)).toBe(most);
            open.delete(evicted);
          }
          if (held === 0 && (anyWaits || open.size < LIMITS.connections)) expect(admitted).toBe(true);
          if (admitted) open.set(n, { who, busy: false, work: null });
          expect(open.size).toBeLessThanOrEqual(LIMITS.connections);
          if (!isProxy(who)) expect([...open.values()].filter((one) => one.who === who).length).toBeLessThanOrEqual(LIMITS.perAddress);
        } else if (chosen !== undefined) {
          const one = open.get(chosen) as { busy: boolean; work: Work | null };
          if (act === "leave") {
            made.leave(chosen);
            open.delete(chosen);
          } else {
            if (act === "begin" && !one.busy) one.work = made.begin(chosen);
            else if (act === "done") one.work?.done();
            one.busy = act === "begin";
          }
        }
      }
    }),
    { numRuns: 300 },
  );
});
