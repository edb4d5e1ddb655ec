import { expect } from "vitest";
import { previousAttributes } from "../../../src/events/previous-attributes.ts";
import type { JsonObject } from "../../../src/store/contract/rows.ts";
import { nameOf, type Shown, type Snapshot, type ToldEvent } from "./snapshot.ts";

/** Types whose object is told of as it is, without a change of it: the balance grew, a connection was made. */
const NO_OBJECT_OF_THEIR_OWN = /^(account\.application\.|balance\.|capability\.|checkout\.session\.|file\.)/;

/**
 * What a transfer arrives as, for which the catalogue has no type; and Checkout Sessions, of which only the end is
 * told.
 */
const UNTOLD = /^(?:py|cs)_/;

/** Objects that are told of by the types of another: a fee's refunds and a transfer's reversals lie within it. */
const WITHIN_OTHERS = new Set(["balance", "balance_settings"]);

/**
 * Checks that what changed between two snapshots of an account is exactly what the events between them tell, the oldest
 * first: no change without its event, no event without its change, and every `previous_attributes` undoes its event.
 * `untold` names objects that have no events of their own by a rule: people who were not written by the Persons API.
 */
export function expectAgreement(before: Snapshot, after: Snapshot, events: readonly ToldEvent[], untold: ReadonlySet<string>): void {
  const now = new Map<string, Shown | undefined>(before);
  for (const event of events) {
    const { object, previous_attributes: previous } = event.data;
    if (NO_OBJECT_OF_THEIR_OWN.test(event.type) || WITHIN_OTHERS.has(object.object)) continue;
    const id = nameOf(object);
    const was = now.get(id);
    if (event.type.endsWith(".deleted")) {
      expect(was, `${event.type} of ${id} tells of what was there`).toBeDefined();
      now.set(id, undefined);
      continue;
    }
    if (was === undefined) {
      // The first word of an object may be another than `created`: a charge begins by succeeding.
      expect(event.type, `${id} is first heard of by ${event.type}`).not.toMatch(/\.updated$/);
    } else if (previous !== undefined) {
      expect(previousAttributes(was as JsonObject, object as JsonObject), `previous_attributes of ${event.type} of ${id}`).toEqual(
        previous,
      );
    } else {
      expect(event.type, `${event.type} of ${id} has no previous_attributes`).not.toMatch(/\.updated$/);
    }
    now.set(id, object);
  }
  for (const id of new Set([...now.keys(), ...after.keys()])) {
    if (untold.has(id) || id.includes("/") || id === "balance_settings" || UNTOLD.test(id)) continue;
    // The first that is told of a payment method is that it is attached: of one that is not, nothing.
    if (after.get(id)?.object === "payment_method" && !now.has(id) && after.get(id)?.customer === null) continue;
    expect(after.get(id), `${id} is as its last event tells`).toEqual(now.get(id));
  }
  expectCapabilitiesTold(before, after, events);
  expectSessionsTold(before, after, events);
  expectBalanceSettingsTold(before, after, events);
}

/** Balance settings are told of whenever one changes. Whether payouts are enabled is told by the account. */
function expectBalanceSettingsTold(before: Snapshot, after: Snapshot, events: readonly ToldEvent[]): void {
  let was = before.get("balance_settings");
  for (const { type, data } of events) {
    if (type !== "balance_settings.updated") continue;
    expect(withoutStatus(data.object), "balance settings that are told of have changed").not.toEqual(withoutStatus(was));
    was = data.object;
  }
  expect(withoutStatus(after.get("balance_settings")), "balance settings are as last told").toEqual(withoutStatus(was));
}

function withoutStatus(settings: Shown | undefined): unknown {
  const { payouts, ...payments } = (settings?.payments ?? {}) as { payouts?: object };
  return { ...payments, payouts: { ...payouts, status: null } };
}

/** A Checkout Session is told of once: when it ends. */
function expectSessionsTold(before: Snapshot, after: Snapshot, events: readonly ToldEvent[]): void {
  for (const [id, shown] of after) {
    if (shown.object !== "checkout.session") continue;
    const was = before.get(id)?.status ?? "open";
    const told = events.filter(({ type, data }) => type.startsWith("checkout.session.") && data.object.id === id);
    const type = shown.status === "complete" ? "checkout.session.completed" : "checkout.session.expired";
    expect(
      told.map((event) => event.type),
      `the end of ${id}`,
    ).toEqual(shown.status === was ? [] : [type]);
    for (const { data } of told) expect(data.object, `${id} is as its end tells`).toEqual(shown);
  }
}

function statusOf(capability: Shown | undefined): unknown {
  const { disabled_reason } = (capability?.requirements ?? {}) as { disabled_reason?: unknown };
  return { status: capability?.status, requested: capability?.requested, disabled_reason };
}

function listOf(capability: Shown | undefined, hash: string, list: string): unknown[] {
  return ((capability?.[hash] ?? {}) as Record<string, unknown[]>)[list] ?? [];
}

/**
 * Capabilities show the change in their own object, by a name that is not an id. They tell of another status and of
 * what is newly required, and not of what is required no more.
 */
function expectCapabilitiesTold(before: Snapshot, after: Snapshot, events: readonly ToldEvent[]): void {
  const now = new Map(before);
  for (const { type, data } of events) {
    if (type !== "capability.updated") continue;
    const name = `${String(data.object.account)}/${String(data.object.id)}`;
    const was = now.get(name);
    // One that was never asked for is listed as such by some, and not at all by others: its first event has nothing
    // before it.
    const { previous_attributes: previous } = data;
    if (was !== undefined && previous !== undefined) {
      expect(previous, `capability ${name} tells of a change`).not.toEqual({});
      expect(previous.status ?? data.object.status, `the status of capability ${name} before`).toEqual(was.status);
    }
    now.set(name, data.object);
  }
  for (const [name, shown] of after) {
    if (!name.includes("/")) continue;
    const told = now.get(name);
    expect(statusOf(shown), `the status of capability ${name} is as last told`).toEqual(statusOf(told));
    for (const hash of ["requirements", "future_requirements"])
      for (const list of ["currently_due", "eventually_due", "past_due"])
        expect(listOf(told, hash, list), `what is ${list} for capability ${name} was told`).toEqual(
          expect.arrayContaining(listOf(shown, hash, list)),
        );
  }
}
