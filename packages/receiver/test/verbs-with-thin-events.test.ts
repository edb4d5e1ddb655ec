import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Inbox } from "../src/inbox/inbox.ts";
import { memoryInbox } from "../src/inbox/memory-inbox.ts";
import { sqliteInbox } from "../src/inbox/sqlite/sqlite-inbox.ts";
import { createReceiver, type StripeClient } from "../src/index.ts";
import { fakeClient } from "./acceptance/order.ts";
import { eventOf, PLATFORM_SECRET, START, thinEventOf, webhook } from "./signed-webhook.ts";
import { turnedClock } from "./turned-clock.ts";

const PLATFORM = { secret: PLATFORM_SECRET };

function receiver({
  client,
  inbox = memoryInbox(),
  clock = turnedClock(),
}: {
  client?: StripeClient;
  inbox?: Inbox<unknown>;
  clock?: ReturnType<typeof turnedClock>;
} = {}) {
  return createReceiver({
    endpoints: { platform: PLATFORM, connect: { secret: "whsec_connect", connect: true } },
    livemode: false,
    inbox,
    ...(client === undefined ? {} : { stripe: client }),
    log: false,
    clock,
  });
}

const left = (id: string, created = START) =>
  eventOf("account.application.deauthorized", { id, created: created / 1_000, object: { id: "ca_1", object: "application" } });
const leftThin = (id: string, snapshot?: string, created = START) =>
  thinEventOf("v1.account.application.deauthorized", {
    id,
    created,
    related: null,
    more: snapshot === undefined ? {} : { snapshot_event: snapshot },
  });
const closed = (id: string, created = START) =>
  thinEventOf("v2.core.account.closed", {
    id,
    created,
    context: null,
    related: { id: "acct_1", type: "v2.core.account", url: "/v2/core/accounts/acct_1" },
  });

/** How often onDeauthorized is called for events that arrive in this order. */
async function toldOf(...events: Record<string, unknown>[]): Promise<number> {
  const hooks = receiver();
  let told = 0;
  hooks.onDeauthorized(() => {
    told++;
  });
  for (const event of events) await hooks.handle(webhook(event));
  await hooks.idle();
  return told;
}

test("an account that leaves is reported once, in whatever forms that arrives", async () => {
  expect(await toldOf(left("evt_1"), leftThin("evt_2", "evt_1"))).toBe(1);
  expect(await toldOf(leftThin("evt_2", "evt_1"), left("evt_1"))).toBe(1);
  expect(await toldOf(closed("evt_3", START + 900), leftThin("evt_2", "evt_1"), left("evt_1"))).toBe(1);
  expect(await toldOf(leftThin("evt_2", undefined, START + 2_000), closed("evt_3"))).toBe(1);
  expect(await toldOf(left("evt_1"), left("evt_1"))).toBe(1);
});

test("each of several departures is reported, even within a second and out of order", async () => {
  expect(await toldOf(left("evt_1"), left("evt_2"))).toBe(2);
  expect(await toldOf(left("evt_1"), left("evt_2"), leftThin("evt_3", "evt_1"), leftThin("evt_4", "evt_2"))).toBe(2);
  expect(await toldOf(leftThin("evt_4", "evt_2"), leftThin("evt_3", "evt_1"), left("evt_1"), left("evt_2"))).toBe(2);
  expect(await toldOf(left("evt_1"), leftThin("evt_2", undefined, START + 60_000))).toBe(2);
});

test("a reported departure is remembered after a restart, and is reported again when the handler failed or the event is replayed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "carabiner-leavings-"));
  const inboxes: ReturnType<typeof sqliteInbox>[] = [];
  onTestFinished(async () => {
    for (const one of inboxes) await one.close();
    rmSync(folder, { recursive: true });
  });
  const told: string[] = [];
  const clock = turnedClock();
  const start = (fails: boolean) => {
    const opened = sqliteInbox(join(folder, "app.db"));
    inboxes.push(opened);
    const hooks = receiver({ inbox: opened as Inbox<unknown>, clock });
    hooks.onDeauthorized(({ account }) => {
      told.push(account);
      if (fails) throw new Error("not now");
    });
    return hooks;
  };
  const first = start(true);
  await first.handle(webhook(left("evt_1")));
  await first.idle();
  await first.stop();
  const second = start(false);
  await second.handle(webhook(leftThin("evt_2", "evt_1")));
  await clock.turn(3_600_000);
  await second.drain();
  await second.idle();
  await second.stop();
  expect(told).toEqual(["acct_1", "acct_1"]);
  const third = start(false);
  await third.handle(webhook(closed("evt_3")));
  await third.idle();
  expect(told).toHaveLength(2);
  expect(await third.replay("evt_2")).toBe(1);
  await third.drain();
  await third.idle();
  expect(told).toHaveLength(3);
  await third.stop();
});

const related = (type: string, id: string, url: string) => ({ id, type, url });

test("verbs handle thin events, with the object as it is now", async () => {
  const objects: Record<string, unknown> = {
    "/v1/accounts/acct_1": {
      id: "acct_1",
      object: "account",
      requirements: { currently_due: ["email"], past_due: [], errors: [] },
      payouts_enabled: true,
    },
    "/v1/accounts/acct_1/persons/person_1": {
      id: "person_1",
      object: "person",
      requirements: { currently_due: ["dob.day"], past_due: [], errors: [] },
    },
    "/v1/payouts/po_1": {
      id: "po_1",
      object: "payout",
      destination: "ba_1",
      failure_code: "account_closed",
      failure_message: "It was closed.",
    },
    "/v1/accounts/acct_1/external_accounts/ba_1": { id: "ba_1", object: "bank_account", status: "errored", last4: "6789" },
    "/v1/payouts/po_2": { id: "po_2", object: "payout" },
  };
  const { client, calls } = fakeClient((path) => objects[path]);
  const hooks = receiver({ client });
  const told: unknown[] = [];
  hooks
    .onRequirementsDue(({ account, due, event }) => told.push(["due", account, due, event.type, event.data.object.id]))
    .onPersonNeedsAttention(({ person, due }) => told.push(["person", person, due]))
    .onPayoutFailed(async ({ payout, failureCode, destination, as, signal, fresh }) => {
      const now = (await fresh()) as { id: string };
      told.push(["failed", payout.id, failureCode, destination, as, now.id, signal.aborted]);
    })
    .onExternalAccountDisabled(({ externalAccount, last4 }) => told.push(["disabled", externalAccount.id, last4]))
    .onPayoutCured(({ failedPayout, by }) => told.push(["cured", failedPayout, by]));
  const send = (type: string, one: ReturnType<typeof related>, seconds = 0) =>
    hooks.handle(webhook(thinEventOf(type, { related: one, created: START + seconds * 1_000 })));
  await send("v1.account.updated", related("account", "acct_1", "/v1/accounts/acct_1"));
  await send("v1.person.updated", related("person", "person_1", "/v1/accounts/acct_1/persons/person_1"));
  await send("v1.payout.failed", related("payout", "po_1", "/v1/payouts/po_1"), 1);
  await send("v1.account.external_account.updated", related("bank_account", "ba_1", "/v1/accounts/acct_1/external_accounts/ba_1"), 1);
  await send("v1.payout.paid", related("payout", "po_2", "/v1/payouts/po_2"), 2);
  await hooks.idle();
  expect(told).toEqual([
    ["due", "acct_1", ["email"], "account.updated", "acct_1"],
    ["person", "person_1", ["dob.day"]],
    ["failed", "po_1", "account_closed", "ba_1", { stripeAccount: "acct_1" }, "po_1", false],
    ["disabled", "ba_1", "6789"],
    ["cured", "po_1", "payout"],
  ]);
  expect(calls[0]).toEqual(["/v1/accounts/acct_1", { stripeContext: "acct_1" }]);
});

test("a verb is not called for an object that is gone, and says that it needs a client", async () => {
  const { client } = fakeClient(() => {
    throw Object.assign(new Error("No such payout"), { statusCode: 404 });
  });
  const event = thinEventOf("v1.payout.failed", { id: "evt_1", related: related("payout", "po_1", "/v1/payouts/po_1") });
  const stateOf = async (hooks: ReturnType<typeof receiver>) => {
    hooks.onPayoutFailed(() => {
      throw new Error("called");
    });
    await hooks.handle(webhook(event));
    await hooks.idle();
    return (await hooks.work())[0];
  };
  expect(await stateOf(receiver({ client }))).toMatchObject({ state: "done" });
  expect((await stateOf(receiver()))?.error).toMatch(/no API client/);
});

test("the endpoint of a verb subscribes to the form that its other handlers handle", () => {
  const hooks = receiver();
  hooks.onPayoutFailed(() => undefined);
  expect(hooks.eventTypes().connect).toEqual(["payout.failed"]);
  hooks.connect.on("v1.person.created", () => undefined);
  expect(hooks.eventTypes().connect).toEqual(["v1.payout.failed", "v1.person.created"]);
});
