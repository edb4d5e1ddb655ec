import { expect, test } from "vitest";
import type { OperationContext, Resource } from "../operations/operation.ts";
import type { JsonObject } from "../store/contract/rows.ts";
import { expand, expandables } from "./expand.ts";

const CONTEXT = { limits: { expandLevels: 4 } } as OperationContext;

function known() {
  const loads: string[] = [];
  const stored = new Map<string, JsonObject>([
    ["ba_1", { id: "ba_1", object: "bank_account", account: "acct_1" }],
    ["acct_1", { id: "acct_1", object: "account", default_bank: "ba_1" }],
  ]);
  const load = async (_: OperationContext, id: string) => {
    loads.push(id);
    return stored.get(id) ?? null;
  };
  const resources: Resource[] = [
    { object: "payout", operations: [], expandable: { destination: load, originals: load, nested: null } },
    { object: "bank_account", operations: [], expandable: { account: load } },
    { object: "account", operations: [], expandable: { default_bank: load } },
    { object: "account", operations: [], expandable: { external_accounts: null } },
  ];
  return { expandable: expandables(resources), loads };
}

const payout = (more: JsonObject = {}): JsonObject => ({ id: "po_1", object: "payout", destination: "ba_1", ...more });
const bank = { id: "ba_1", object: "bank_account", account: "acct_1" };

test("an id becomes its object, and the answer given is not changed", async () => {
  const { expandable } = known();
  const answer = payout();
  expect(await expand(answer, ["destination"], expandable, CONTEXT)).toEqual(payout({ destination: bank }));
  expect(answer).toEqual(payout());
});

test("paths go on inside what was put there, and share what they have in common", async () => {
  const { expandable, loads } = known();
  const result = await expand(payout(), ["destination.account", "destination", "destination.account.default_bank"], expandable, CONTEXT);
  expect(result).toEqual(payout({ destination: { ...bank, account: { id: "acct_1", object: "account", default_bank: bank } } }));
  expect(loads).toEqual(["ba_1", "acct_1"]);
});

test("in a list, paths begin with data, and each object is loaded once", async () => {
  const { expandable, loads } = known();
  const list = { object: "list", data: [payout(), payout({ destination: null }), payout()], has_more: false, url: "/v1/payouts" };
  const result = await expand(list, ["data.destination"], expandable, CONTEXT);
  expect(result.data).toEqual([payout({ destination: bank }), payout({ destination: null }), payout({ destination: bank })]);
  expect(loads).toEqual(["ba_1"]);
});

test("an array of ids, an object in full, an object that is not there", async () => {
  const { expandable } = known();
  const answer = payout({ originals: ["ba_1", "ba_gone"], nested: bank, destination: "ba_gone" });
  expect(await expand(answer, ["originals", "nested.account", "destination.account"], expandable, CONTEXT)).toEqual(
    payout({
      originals: [bank, "ba_gone"],
      nested: { ...bank, account: { id: "acct_1", object: "account", default_bank: "ba_1" } },
      destination: "ba_gone",
    }),
  );
});

test.each([
  ["foo", "foo"],
  ["toString", "toString"],
  ["destination.foo", "destination.foo"],
  ["id", "id"],
  ["data.destination", "data"],
  ["", ""],
])("%j cannot be expanded", async (path, property) => {
  const { expandable } = known();
  await expect(expand(payout(), ["destination", path], expandable, CONTEXT)).rejects.toMatchObject({
    error: "expand_invalid",
    param: "expand[1]",
    message: `This property cannot be expanded (${property}).`,
  });
});

test("four levels are allowed and five are not", async () => {
  const { expandable } = known();
  const path = "destination.account.default_bank.account";
  expect(JSON.stringify(await expand(payout(), [path], expandable, CONTEXT)).match(/acct_1/g)).toHaveLength(2);
  await expect(expand(payout(), [`${path}.default_bank`], expandable, CONTEXT)).rejects.toMatchObject({
    error: "expand_too_deep",
    param: "expand[0]",
  });
  await expect(expand(payout(), [Array(50_000).fill("a").join(".")], expandable, CONTEXT)).rejects.toMatchObject({
    error: "expand_too_deep",
  });
});
