import { beforeEach, expect, test, vi } from "vitest";
import { together } from "./account-names.ts";

let asked: string[][];
let name: (id: string) => Promise<string | null>;
beforeEach(() => {
  asked = [];
  name = together(async (ids) => {
    asked.push([...ids]);
    if (ids.includes("acct_bad")) throw new Error("refused");
    return new Map(ids.filter((id) => id !== "acct_none").map((id) => [id, `name of ${id}`]));
  });
});

test("names that are requested in one turn need one call, with each account once", async () => {
  expect(await Promise.all(["acct_1", "acct_2", "acct_1", "acct_none"].map(name))).toEqual([
    "name of acct_1",
    "name of acct_2",
    "name of acct_1",
    null,
  ]);
  expect(asked).toEqual([["acct_1", "acct_2", "acct_none"]]);
  expect(await name("acct_1")).toBe("name of acct_1");
  expect(asked.length).toBe(2);
});

test("more names than a call may ask for are several calls, and one that fails is not the others' failure", async () => {
  const ids = ["acct_bad", ...Array.from({ length: 150 }, (_, n) => `acct_${n}`)];
  const told = await Promise.allSettled(ids.map(name));
  expect(asked.map(({ length }) => length)).toEqual([100, 51]);
  expect(told.map(({ status }) => status === "fulfilled")).toEqual(ids.map((_, n) => n >= 100));
  expect(told.at(-1)).toEqual({ status: "fulfilled", value: "name of acct_149" });
});

test("names that nobody waits for are not requested", async () => {
  const ask = vi.fn();
  together(ask);
  await new Promise(setImmediate);
  expect(ask).not.toHaveBeenCalled();
});
