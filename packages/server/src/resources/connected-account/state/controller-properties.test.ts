import { describe, expect, it } from "vitest";
import { isControlled, kindAsked } from "./controller-properties.ts";

describe("kindAsked", () => {
  it.each([
    ["standard", "stripe", "account", "stripe", "full"],
    ["express", "application", "application_express", "stripe", "express"],
    ["custom", "application", "application_custom", "application", "none"],
  ] as const)("%s stands for losses %s, fees %s, requirements %s, dashboard %s", (type, losses, fees, requirementCollection, dashboard) => {
    expect(kindAsked({ type })).toEqual({ type, properties: { losses, fees, requirementCollection, dashboard } });
  });

  it("makes a standard account of nothing", () => {
    expect(kindAsked({})).toEqual(kindAsked({ type: "standard" }));
  });

  it("makes an account without a type of controller properties, those not given as for a standard one", () => {
    expect(kindAsked({ controller: { stripe_dashboard: { type: "express" } } })).toEqual({
      type: "none",
      properties: { losses: "stripe", fees: "account", requirementCollection: "stripe", dashboard: "express" },
    });
  });

  it("refuses type and controller together", () => {
    expect(() => kindAsked({ type: "express", controller: {} })).toThrow(
      expect.objectContaining({ error: "account_type_with_controller", param: "controller" }),
    );
  });

  it.each([
    { losses: { payments: "application" } },
    { losses: { payments: "application" }, fees: { payer: "account" } },
    { requirement_collection: "application", stripe_dashboard: { type: "none" } },
    { requirement_collection: "application", losses: { payments: "application" }, fees: { payer: "application" } },
  ] as const)("refuses %o", (controller) => {
    expect(() => kindAsked({ controller })).toThrow(expect.objectContaining({ error: "controller_unsupported" }));
  });
});

it("a platform controls every account it makes but a standard one", () => {
  expect((["standard", "express", "custom", "none"] as const).map(isControlled)).toEqual([false, true, true, true]);
});
