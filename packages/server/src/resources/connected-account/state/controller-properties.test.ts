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

  const platform = { losses: { payments: "application" }, fees: { payer: "application" } } as const;
  it.each([
    [{ ...platform, requirement_collection: "application", stripe_dashboard: { type: "none" } }],
    [{ ...platform, stripe_dashboard: { type: "express" } }],
    [{ stripe_dashboard: { type: "none" } }],
    [{ fees: { payer: "application" }, stripe_dashboard: { type: "none" } }],
  ] as const)("takes %o", (controller) => {
    expect(kindAsked({ controller })).toMatchObject({ type: "none" });
  });

  it.each([
    [{ losses: { payments: "application" } }, "type]=full"],
    [{ fees: { payer: "application" } }, "fees[payer]=application"],
    [platform, "type]=full"],
    [{ losses: { payments: "application" }, stripe_dashboard: { type: "express" } }, "type]=express"],
    [{ fees: { payer: "application" }, stripe_dashboard: { type: "express" } }, "type]=express"],
    [{ losses: { payments: "application" }, stripe_dashboard: { type: "none" } }, "negative balances"],
    [{ ...platform, stripe_dashboard: { type: "none" } }, "requirement_collection=stripe"],
    [{ requirement_collection: "application", stripe_dashboard: { type: "none" } }, "controlling requirement collection"],
    [{ ...platform, requirement_collection: "application", stripe_dashboard: { type: "express" } }, "controlling requirement collection"],
  ] as const)("refuses %o", (controller, words) => {
    expect(() => kindAsked({ controller })).toThrow(
      expect.objectContaining({ error: "controller_unsupported", message: expect.stringContaining(words) }),
    );
  });
});

it("a platform controls every account it makes but a standard one", () => {
  expect((["standard", "express", "custom", "none"] as const).map(isControlled)).toEqual([false, true, true, true]);
});
