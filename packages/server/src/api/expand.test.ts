import { expect, test } from "vitest";
import { expanderOneByOne, inFull, listOnExpansion, onExpansion } from "../operations/expandable.ts";
import type { Operation, OperationContext, Resource } from "../operations/operation.ts";
import type { JsonObject } from "../store/contract/rows.ts";
import { expand } from "./expand.ts";
import { expandables } from "./expandable-fields.ts";

const CONTEXT = { limits: { expandLevels: 4 } } as OperationContext;

function known() {
  const loads: string[] = [];
  const stored = new Map<string, JsonObject>([
    ["ba_1", { id: "ba_1", object: "bank_account", account: "acct_1" }],
    ["acct_1", { id: "acct_1", object: "account", default_bank: "ba_1" }],
    ["ba_2", { id: "ba_2", object: "bank_account", account: "acct_2" }],
    ["acct_2", { id: "acct_2", object: "account", default_bank: "ba_2" }],
  ]);
  const load = async (_: OperationContext, ids: readonly string[]) => {
    loads.push(ids.join());
    return new Map([...stored].filter(([id]) => ids.includes(id)));
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

test("what all objects of a list name is loaded together, at every level", async () => {
  const { expandable, loads } = known();
  const data = [payout({ destination: "ba_2" }), payout({ originals: ["ba_2", "ba_1"] }), payout({ destination: "ba_gone" })];
  await expand({ object: "list", data }, ["data.destination.account.default_bank", "data.originals"], expandable, CONTEXT);
  expect(loads).toEqual(["ba_2,ba_1,ba_gone", "acct_2,acct_1"]);
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

/** A resource of several kinds of field, and of paths within its hashes. */
function declared() {
  const find = expanderOneByOne(["bank_account"], async (_, id) =>
    id === "ba_1" ? { id, object: "bank_account", account: "acct_1" } : null,
  );
  const resources: Resource[] = [
    {
      object: "charge",
      operations: [],
      expandable: {
        "transfer_data.destination": find,
        refunds: listOnExpansion(["refund"], async (_, charges) =>
          charges.map(({ id }) => ({ object: "list", data: [{ object: "refund", charge: id ?? null }], has_more: charges.length > 1 })),
        ),
        "rows.more": onExpansion(async (_, { amount }, { id }) => [amount ?? null, id ?? null]),
        person: inFull("bank_account"),
      },
    },
    { object: "bank_account", operations: [], expandable: { account: expanderOneByOne(["account"], async () => null) } },
    { object: "account", operations: [], expandable: {} },
    { object: "refund", operations: [], expandable: { charge: null } },
    { object: "transfer", operations: [], expandable: { origin: expanderOneByOne(["charge", "refund"], async () => null) } },
  ];
  return expandables(resources);
}

const charge = (more: JsonObject = {}): JsonObject => ({ id: "ch_1", object: "charge", ...more });

test("a field that is made for several objects is made for all of them together", async () => {
  const list: JsonObject = { object: "list", data: [charge(), charge({ id: "ch_2" }), { object: "transfer" }] };
  const refunds = (id: string) => ({ object: "list", data: [{ object: "refund", charge: id }], has_more: true });
  expect(await expand(list, ["data.refunds"], declared(), CONTEXT)).toEqual({
    object: "list",
    data: [charge({ refunds: refunds("ch_1") }), charge({ id: "ch_2", refunds: refunds("ch_2") }), { object: "transfer" }],
  });
});

test("ids within an object's hashes are expanded, and fields that are there only then are made", async () => {
  const answer = charge({
    transfer_data: { amount: 1, destination: "ba_1" },
    rows: [{ amount: 1 }, { amount: 2 }],
    shipping: { name: "Jenny" },
  });
  const paths = ["transfer_data.destination", "refunds.data.charge", "rows.more", "shipping"];
  expect(await expand(answer, paths, declared(), CONTEXT)).toEqual({
    ...answer,
    transfer_data: { amount: 1, destination: { id: "ba_1", object: "bank_account", account: "acct_1" } },
    refunds: { object: "list", data: [{ object: "refund", charge: "ch_1" }], has_more: false },
    rows: [
      { amount: 1, more: [1, "ch_1"] },
      { amount: 2, more: [2, "ch_1"] },
    ],
  });
});

test("a path is judged by what is declared, not by what is there", async () => {
  const all = declared();
  for (const path of ["transfer_data.destination.foo", "refunds.charge", "refunds.data.foo", "rows.more.foo", "person.foo"])
    await expect(expand(charge(), [path], all, CONTEXT), path).rejects.toMatchObject({ error: "expand_invalid", param: "expand[0]" });
  for (const path of ["transfer_data.destination.account", "person.account", "outcome"])
    expect(await expand(charge(), [path], all, CONTEXT), path).toEqual(charge());
});

test("where there may be objects of several kinds, a path needs to lead somewhere in one of them", async () => {
  const transfer = { object: "transfer", origin: null };
  for (const path of ["origin.refunds", "origin.charge"]) expect(await expand(transfer, [path], declared(), CONTEXT)).toEqual(transfer);
  await expect(expand(transfer, ["origin.foo"], declared(), CONTEXT)).rejects.toMatchObject({ error: "expand_invalid" });
});

test("an empty list is of what its call answers with", async () => {
  const list = { object: "list", data: [], has_more: false, url: "/v1/charges" };
  const operation = { method: "GET", path: "/v1/charges" } as Operation;
  const all = expandables([{ object: "charge", operations: [operation], expandable: { person: inFull("bank_account") } }]);
  expect(await expand(list, ["data.person"], all, CONTEXT, operation)).toEqual(list);
  await expect(expand(list, ["data.foo"], all, CONTEXT, operation)).rejects.toMatchObject({ error: "expand_invalid" });
});

test("what a hash of the object's own holds is judged by what is there", async () => {
  const all = declared();
  const answer = charge({ shipping: { address: { city: "Paris" }, name: "Jenny" } });
  expect(await expand(answer, ["shipping.address"], all, CONTEXT)).toEqual(answer);
  await expect(expand(answer, ["shipping.name"], all, CONTEXT)).rejects.toMatchObject({
    error: "expand_invalid",
    message: "This property cannot be expanded (shipping.name).",
  });
});
