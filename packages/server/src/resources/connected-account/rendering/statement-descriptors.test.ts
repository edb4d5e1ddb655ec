import { expect, it } from "vitest";
import { calculatedDescriptor, statementDescriptors } from "./statement-descriptors.ts";

const NAMED = statementDescriptors({ business_profile: { name: "Rocket Rides" } });
const GIVEN = statementDescriptors({ settings: { payments: { statement_descriptor: "ROCKET.EXAMPLE/C" } } });
const SHORT = statementDescriptors({
  business_profile: { name: "Rocket Rides" },
  settings: { card_payments: { statement_descriptor_prefix: "RR" } },
});

it.each([
  [NAMED, null, "ROCKET RIDES"],
  [NAMED, "jenny", "ROCKET RID* JENNY"],
  [NAMED, "Jenny Rosen and Co", "ROCKET RID* JENNY ROSE"],
  [NAMED, "Jenny Ros n", "ROCKET RID* JENNY ROS"],
  [SHORT, null, "ROCKET RIDES"],
  [SHORT, "Jenny Rosen and Co", "RR* JENNY ROSEN AND CO"],
  [GIVEN, "six666", "ROCKET.EXAMPLE* SIX666"],
  [GIVEN, "eight888", "ROCKET.EXAMP* EIGHT888"],
  [GIVEN, "sixteen_letters_", "ROCKET.EXA* SIXTEEN_LE"],
  [statementDescriptors({ business_profile: { name: "Bo" } }), null, null],
  [statementDescriptors({}), "jenny", null],
])("a statement joins %o and %j", (descriptors, suffix, said) => {
  expect(calculatedDescriptor(descriptors, suffix)).toBe(said);
});
