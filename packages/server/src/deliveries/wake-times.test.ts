import fc from "fast-check";
import { expect, test } from "vitest";
import { WakeTimes } from "./wake-times.ts";

test("those whose time has come are taken, the earliest first; the last time that was set is the one that counts", () => {
  const times = new WakeTimes();
  times.set("a", 30);
  times.set("b", 20);
  times.set("c", 10);
  times.set("c", 40);
  times.set("a", 5);
  times.delete("b");
  expect(times.next()).toBe(5);
  expect(times.take(4)).toBeNull();
  expect(times.take(40)).toBe("a");
  expect([times.size, times.has("a"), times.has("c")]).toEqual([1, false, true]);
  expect([times.take(39), times.take(40), times.take(40)]).toEqual([null, "c", null]);
  expect(times.next()).toBeNull();
});

test("it agrees with a list that is searched, whatever is set, deleted and taken", () => {
  const id = fc.constantFrom("a", "b", "c", "d", "e");
  const step = fc.oneof(
    fc.record({ set: id, at: fc.nat(50) }),
    fc.record({ delete: id }),
    fc.record({ take: fc.nat(50) }),
    fc.record({ again: id, from: fc.nat(50) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const times = new WakeTimes();
      const model = new Map<string, number>();
      const set = (key: string, at: number) => {
        times.set(key, at);
        model.set(key, at);
      };
      for (const one of steps) {
        if ("set" in one) set(one.set, one.at);
        else if ("again" in one) for (let n = 0; n < 100; n++) set(one.again, one.from + n);
        else if ("delete" in one) {
          times.delete(one.delete);
          model.delete(one.delete);
        } else {
          const first = Math.min(...model.values());
          const taken = times.take(one.take);
          if (first > one.take) expect(taken).toBeNull();
          else {
            expect(model.get(taken ?? "")).toBe(first);
            model.delete(taken ?? "");
          }
        }
        expect(times.size).toBe(model.size);
        expect(times.next()).toBe(model.size === 0 ? null : Math.min(...model.values()));
      }
    }),
  );
});
