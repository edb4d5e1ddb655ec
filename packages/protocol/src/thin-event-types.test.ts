import type Stripe from "stripe";
import { describe, expect, expectTypeOf, test } from "vitest";
import { APPLICATION_TYPES, EVENT_TYPES } from "./event-types.ts";
import { isThinEventType, isThinName, relatedOf, THIN_EVENT_TYPES, type ThinEventType, thinFormOf } from "./thin-event-types.ts";

type Related = Stripe.V2.Core.Events.RelatedObject;
type Singleton = Stripe.V2.Core.Events.RelatedSingletonObject;
/** The types whose related object the official package declares in one of the two forms. */
type TypesWith<Form> = Stripe.V2.Core.Event extends infer Event
  ? Event extends { type: infer Type; related_object: infer Object }
    ? [Object, Form] extends [Form, Object]
      ? Type
      : never
    : never
  : never;

describe("types of thin events", () => {
  test("are exactly those of the official package", () => {
    expectTypeOf<ThinEventType>().toEqualTypeOf<Stripe.V2.Core.Event["type"]>();
  });

  test("say what they are about, as the official package does", () => {
    const objects: Record<TypesWith<Related>, true> = Object.fromEntries(
      THIN_EVENT_TYPES.filter((type) => relatedOf(type) === "object").map((type) => [type, true]),
    ) as Record<TypesWith<Related>, true>;
    const singletons: readonly TypesWith<Singleton>[] = [
      "v1.balance.available",
      "v1.balance_settings.updated",
      "v1.cash_balance.funds_available",
      "v1.customer.discount.created",
      "v1.customer.discount.deleted",
      "v1.customer.discount.updated",
      "v1.tax.settings.updated",
    ];
    expect(THIN_EVENT_TYPES.filter((type) => relatedOf(type) === "singleton")).toEqual(singletons);
    expect(objects["v1.account.updated"]).toBe(true);
    expect(relatedOf("v1.account.external_account.created")).toBeNull();
  });

  test("are known by name, and no whole event is named like one", () => {
    expect(THIN_EVENT_TYPES.every((type) => isThinEventType(type) && isThinName(type))).toBe(true);
    for (const name of ["*", "toString", "account.updated", "v1.account", "v3.account.updated"])
      expect(isThinEventType(name), name).toBe(false);
    expect(EVENT_TYPES.filter(isThinName)).toEqual([]);
    expect([...THIN_EVENT_TYPES].sort()).toEqual(THIN_EVENT_TYPES);
  });

  test("are the thin forms of most whole events", () => {
    expect(thinFormOf("account.updated")).toBe("v1.account.updated");
    expect(thinFormOf("reserve.plan.created")).toBeNull();
    expect([...APPLICATION_TYPES].map(thinFormOf)).not.toContain(null);
    expect(EVENT_TYPES.filter((type) => thinFormOf(type) !== null).length).toBeGreaterThan(200);
  });
});
