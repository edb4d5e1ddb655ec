import { findStripeOperation, objectClassOf, relatedOf, thinFormOf } from "@carabiner/protocol";
import { describe, expect, test } from "vitest";
import { RECORDED_TYPES } from "./recorded-types.ts";
import { relatedObject } from "./related-object.ts";

/** The `object` value of a class of the official package: `Checkout.Session` is `checkout.session`. */
const kindOf = (name: string): string =>
  name
    .split(".")
    .map((part) => part.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase())
    .join(".");

describe("the related object of a thin event", () => {
  test.each(RECORDED_TYPES.filter((type) => thinFormOf(type) !== null))("of %s is at a URL that Stripe has", (type) => {
    const thin = thinFormOf(type);
    if (thin === null) throw new Error("it has no thin form");
    const object = { id: "id_1", object: kindOf(objectClassOf(type)), account: "acct_1", customer: "cus_1", fee: "fee_1" };
    const related = relatedObject(thin, object);
    if (relatedOf(thin) === null) {
      expect(related).toBeNull();
      return;
    }
    expect(related).toMatchObject({ type: object.object });
    expect(related).not.toHaveProperty(relatedOf(thin) === "singleton" ? "id" : "no_such_field");
    expect(findStripeOperation("GET", String(related?.url)), String(related?.url)).not.toBeNull();
  });

  test.each(["constructor", "hasOwnProperty", "__proto__", "toString"])(
    "of a published kind named %s has the place of any kind",
    (object) => {
      expect(relatedObject("v1.payout.paid", { id: "po_1", object })).toEqual({ id: "po_1", type: object, url: `/v1/${object}s/po_1` });
    },
  );

  test("is missing when the object has no id, or no kind", () => {
    expect(relatedObject("v1.payout.paid", { object: "payout" })).toBeNull();
    expect(relatedObject("v1.payout.paid", { id: "po_1" })).toBeNull();
  });
});
