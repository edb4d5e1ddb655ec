import { expect, test } from "vitest";
import { askedOf, doneBy, idBefore } from "./audit-words.ts";

test("who did it is named where the entry has the name, and not taken for whom it was done to", () => {
  const detail = { name: "nora", method: "POST", path: "/v1/webhook_endpoints" };
  const requested = { act: "operator.requested", by: "op_****abcd", detail };
  expect(doneBy(requested)).toBe("nora · op_****abcd");
  expect(askedOf(requested)).toBe("POST /v1/webhook_endpoints");
  const added = { act: "operator.added", by: "operator, control socket", detail };
  expect(doneBy(added)).toBe("operator, control socket");
  expect(askedOf(added)).toBeNull();
  expect(doneBy({ act: "key.rolled", by: "sk_live_****dXaK", detail: {} })).toBe("sk_live_****dXaK");
});

test("an entry is found by the id before its own", () => {
  expect(["audit_10", "audit_1", "audit_0", "audit_x", ""].map(idBefore)).toEqual(["audit_9", "audit_0", "audit_0", "audit_x", ""]);
});
