import { expect, test } from "vitest";
import { Slices } from "./slices.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("two run at once, in turns of the owners, and one that fails makes room", async () => {
  const slices = new Slices();
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const slice = (owner: string, name: string) =>
    slices.slice(owner, async () => {
      begun.push(name);
      await new Promise<void>((resolve) => ends.push(resolve));
      if (name === "a1") throw new Error("a1 failed");
      return name;
    });
  const all = [slice("a", "a1"), slice("a", "a2"), slice("a", "a3"), slice("a", "a4"), slice("b", "b1")];
  expect(begun).toEqual(["a1", "a2"]);
  ends[0]?.();
  await expect(all[0]).rejects.toThrow("a1 failed");
  await turn();
  ends[1]?.();
  expect(await all[1]).toBe("a2");
  await turn();
  expect(begun).toEqual(["a1", "a2", "a3", "b1"]);
  ends[2]?.();
  ends[3]?.();
  expect(await Promise.all([all[2], all[4]])).toEqual(["a3", "b1"]);
  await turn();
  expect(begun).toEqual(["a1", "a2", "a3", "b1", "a4"]);
  ends[4]?.();
  expect(await all[3]).toBe("a4");
});
