import type { DatabaseSync } from "node:sqlite";
import { afterEach, describe, expect, test } from "vitest";
import type { Inbox } from "../src/inbox/inbox.ts";
import type { InboxHarness } from "../src/inbox-contract/inbox-harness.ts";
import { createReceiver } from "../src/index.ts";
import { testkit } from "../src/testkit/testkit.ts";
import { memoryHarness, postgresHarness, sqliteHarness } from "./inbox-harnesses.ts";
import { turnedClock } from "./turned-clock.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function receiverOn<Tx>(inbox: Inbox<Tx>) {
  const hooks = createReceiver({
    endpoints: { platform: { secret: "whsec_platform" }, connect: { secret: ["whsec_connect", "whsec_old"], connect: true } },
    livemode: false,
    inbox,
    clock: turnedClock(),
    log: false,
  });
  return { hooks, kit: testkit(hooks) };
}

async function inMemory() {
  const harness = memoryHarness();
  return receiverOn(await harness.open());
}

test("a fixture has the type's object, ids of its own, and reaches its lane", async () => {
  const { hooks, kit } = await inMemory();
  const seen: unknown[] = [];
  hooks.connect.on("payout.failed", ({ id, data }, { account }) => seen.push([id, data.object.id, data.object.failure_code, account]));
  hooks.platform.on("payout.failed", (event, { account }) => seen.push([event.id, account]));

  const delivered = await kit.deliver(kit.event("payout.failed", { account: "acct_1", object: { failure_code: "no_account" } }));
  await kit.deliver(kit.event("payout.failed"));
  await kit.deliver(kit.event("payout.failed", { id: "evt_own", account: "acct_2", object: { id: "po_own" } }));
  expect(seen).toEqual([
    ["evt_test_1", "po_test_1", "no_account", "acct_1"],
    ["evt_test_2", null],
    ["evt_own", "po_own", undefined, "acct_2"],
  ]);
  expect(delivered).toMatchObject({
    status: 200,
    body: '{"received":true}',
    handled: [{ outcome: "done", handler: "connect:payout.failed" }],
  });
  expect(delivered.reports.map(({ kind }) => kind)).toEqual(["received", "handled"]);
});

test.each([
  ["account.updated", { id: "acct_9", object: "account" }],
  ["account.external_account.updated", { id: "ba_test_1", object: "bank_account" }],
  ["account.application.deauthorized", { id: "ca_test_1", object: "application" }],
  ["person.updated", { id: "person_test_1", object: "person" }],
  ["customer.subscription.updated", { id: "sub_test_1", object: "subscription" }],
  ["checkout.session.completed", { id: "cs_test_1", object: "checkout.session" }],
] as const)("the object of %s is %o", async (type, object) => {
  const { kit } = await inMemory();
  expect(kit.event(type, { account: "acct_9" }).data.object).toEqual(object);
});

test("twice at once is one effect, and reversed events end with the newest", async () => {
  const { hooks, kit } = await inMemory();
  const names: unknown[] = [];
  hooks.connect.on("account.updated", ({ data }) => names.push(data.object.email));
  const event = kit.event("account.updated", { account: "acct_1", object: { email: "a" } });
  const both = await kit.twiceAtOnce(event);
  expect(both.map(({ status }) => status)).toEqual([200, 200]);
  expect(names).toEqual(["a"]);

  const [older, newer] = [1, 2].map((second) =>
    kit.event("account.updated", { account: "acct_1", object: { email: `at ${second}` }, created: event.created + second }),
  );
  await kit.reversed([older, newer].filter((one) => one !== undefined));
  expect(names).toEqual(["a", "at 2"]);
});

test("tampered, stale and wrongly signed events are refused, each for its own reason", async () => {
  const { hooks, kit } = await inMemory();
  let calls = 0;
  hooks.connect.on("*", () => calls++);
  const event = kit.event("account.updated", { account: "acct_1" });
  const refused = [await kit.tampered(event), await kit.stale(event), await kit.signedWith("whsec_wrong", event)];
  expect(refused.map(({ status, reports }) => [status, reports[0]?.kind === "refused" && reports[0].reason])).toEqual([
    [400, "signature_mismatch"],
    [400, "timestamp_old"],
    [400, "signature_mismatch"],
  ]);
  expect(calls).toBe(0);
  expect((await kit.signedWith("whsec_old", event)).status).toBe(200);
  expect(calls).toBe(1);
});

test("an event for which there is no endpoint, and what is no receiver, are told so", async () => {
  const hooks = createReceiver({
    endpoints: { account: { secret: "whsec_1" } },
    livemode: true,
    inbox: await memoryHarness().open(),
    log: false,
  });
  const kit = testkit(hooks);
  expect(kit.event("payout.paid").livemode).toBe(true);
  await expect(kit.deliver(kit.event("payout.paid", { account: "acct_1" }))).rejects.toThrow(
    "No endpoint is for events of connected accounts",
  );
  await expect(kit.deliver(kit.event("payout.paid"), { endpoint: "acount" })).rejects.toThrow(
    'There is no endpoint "acount". The endpoints are account.',
  );
  expect(() => testkit({ handle: hooks.handle, drain: hooks.drain })).toThrow("both by import, or both by require");
});

test("a secret that depends on the request is found by it", async () => {
  const hooks = createReceiver({
    endpoints: { tenant: { secret: ({ url }) => `whsec_${url}`, connect: true } },
    livemode: false,
    inbox: await memoryHarness().open(),
    log: false,
  });
  const kit = testkit(hooks);
  // It has Connect endpoints alone, so that a fixture is of an account unless it says otherwise.
  const event = kit.event("payout.paid");
  expect(event.account).toBe("acct_test");
  expect((await kit.deliver(event, { url: "/acme" })).status).toBe(200);
  expect((await kit.deliver(event, { url: "/acme", secret: "whsec_/other" })).status).toBe(400);
});

describe.each([
  ["SQLite", (): InboxHarness<DatabaseSync> => sqliteHarness()],
  ["PostgreSQL", () => postgresHarness()],
] as const)("a crash, with the inbox on %s", (_name, harnessOf) => {
  test.each(["insert and run", "effect and ack"] as const)("between %s: the effect in the transaction is there once", async (what) => {
    // The compiler cannot see that harness and inbox are of one kind.
    const harness = harnessOf() as InboxHarness<unknown>;
    closing.push(() => harness.close());
    const { hooks, kit } = receiverOn(await harness.open());
    const beside: string[] = [];
    hooks.connect.on("payout.failed", async ({ id }, { tx }) => {
      await harness.effect(tx, id);
      beside.push(id);
    });
    const event = kit.event("payout.failed", { account: "acct_1" });
    const { again, handled } = await kit.crashBetween(what, event);
    expect(again.status).toBe(200);
    expect(again.reports).toMatchObject([{ kind: "received", outcome: "duplicate" }]);
    expect(handled.map(({ outcome }) => outcome)).toEqual(["done"]);
    expect(await harness.effects?.()).toEqual([event.id]);
    // Effects outside of the transaction cannot be undone.
    expect(beside).toHaveLength(what === "effect and ack" ? 2 : 1);
    expect((await hooks.depth({ settled: true })).work).toMatchObject({ pending: 0, done: 1 });
  });
});

describe("a thin fixture", () => {
  test.each([
    ["v1.account.updated", { id: "acct_9", type: "account", url: "/v1/accounts/acct_9" }],
    ["v1.payout.failed", { id: "po_test_1", type: "payout", url: "/v1/payouts/po_test_1" }],
    ["v1.person.updated", { id: "person_test_1", type: "person", url: "/v1/accounts/acct_9/persons/person_test_1" }],
    ["v1.checkout.session.completed", { id: "cs_test_1", type: "checkout.session", url: "/v1/checkout/sessions/cs_test_1" }],
    ["v1.account.application.deauthorized", undefined],
    ["v2.core.account[requirements].updated", { id: "acct_test_1", type: "v2.core.account", url: "/v2/core/accounts/acct_test_1" }],
    [
      "v2.core.account_person.created",
      { id: "person_test_1", type: "v2.core.account_person", url: "/v2/core/accounts/acct_9/persons/person_test_1" },
    ],
  ] as const)("of %s is about %o", async (type, related) => {
    const { kit } = await inMemory();
    expect(kit.event(type, { account: "acct_9" }).related_object).toEqual(related);
  });

  test("is signed, and reaches the lane of its scope, as the kit's other events do", async () => {
    const { hooks, kit } = await inMemory();
    const seen: unknown[] = [];
    hooks.connect.on("v1.payout.failed", (event, { account }) => seen.push(["connect", event.id, account]));
    hooks.platform.on("v1.payout.failed", (event, { account }) => seen.push(["platform", event.id, account]));
    hooks.onDeauthorized(({ account }) => seen.push(["left", account]));
    const event = kit.event("v1.payout.failed", { account: "acct_1" });
    expect((await kit.twiceAtOnce(event)).map(({ status }) => status)).toEqual([200, 200]);
    expect((await kit.tampered(event)).status).toBe(400);
    await kit.deliver(kit.event("v1.payout.failed", { more: { data: {} }, snapshotEvent: "evt_whole" }));
    await kit.crashBetween("insert and run", kit.event("v1.payout.failed", { account: "acct_2" }));
    await kit.deliver(kit.event("v1.account.application.deauthorized", { account: "acct_1" }));
    expect(seen).toEqual([
      ["connect", "evt_test_1", "acct_1"],
      ["platform", "evt_test_2", null],
      ["connect", "evt_test_3", "acct_2"],
      ["left", "acct_1"],
    ]);
  });
});
