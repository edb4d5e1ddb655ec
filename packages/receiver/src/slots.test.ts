import { expect, test } from "vitest";
import { createSlots } from "./slots.ts";

function filled(most: number, handlers: string[]): { take(handler: string): number; free(handler: string): void; rooms(): number[] } {
  const slots = createSlots(most, () => handlers);
  return {
    take(handler) {
      let taken = 0;
      for (; slots.room(handler) > 0; taken++) slots.take(handler);
      return taken;
    },
    free: (handler) => slots.free(handler),
    rooms: () => handlers.map((handler) => slots.room(handler)),
  };
}

test("one handler alone has every slot", () => {
  expect(filled(8, ["a"]).take("a")).toBe(8);
});

test("a handler that hangs leaves a slot for each of the others", () => {
  const slots = filled(8, ["a", "b", "c"]);
  expect(slots.take("a")).toBe(6);
  expect(slots.take("b")).toBe(1);
  expect(slots.take("c")).toBe(1);
  expect(slots.rooms()).toEqual([0, 0, 0]);
  slots.free("c");
  expect(slots.rooms()).toEqual([0, 0, 1]);
});

test("of many handlers, one that hangs leaves half for the others", () => {
  const slots = filled(
    8,
    Array.from({ length: 20 }, (_, n) => `h${n}`),
  );
  expect(slots.take("h0")).toBe(4);
  expect(slots.take("h1")).toBe(1);
});

test("with a single slot, the first handler gets it", () => {
  const slots = filled(1, ["a", "b"]);
  expect(slots.take("b")).toBe(1);
  expect(slots.rooms()).toEqual([0, 0]);
});
