import { expect, test } from "vitest";
import { isPending, whenReady } from "./soon.ts";

test("what is there is passed on at once", () => {
  const seen: unknown[] = [];
  for (const value of [1, null, undefined, "", { other: "field" }]) {
    expect(isPending(value)).toBe(false);
    expect(whenReady(value, (given) => seen.push(given))).toBeTypeOf("number");
  }
  expect(seen).toEqual([1, null, undefined, "", { other: "field" }]);
});

test("what is to come is waited for, also where it is no Promise of this program's own", async () => {
  // biome-ignore lint/suspicious/noThenProperty: query builders are like this.
  const likePromise = { then: (done: (value: number) => void) => done(2) } as unknown as Promise<number>;
  for (const coming of [Promise.resolve(2), likePromise]) {
    expect(isPending(coming)).toBe(true);
    expect(await whenReady(coming, (value) => value + 1)).toBe(3);
  }
  await expect(whenReady(Promise.reject(new Error("it failed")), () => undefined)).rejects.toThrow("it failed");
});
