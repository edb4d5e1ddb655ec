import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../../limits.ts";
import type { EventRow } from "../../store/contract/rows.ts";
import { type EventGiven, isSameEvent, isSamePublished, publishedEvent } from "./published-event.ts";

const NOW = 1_700_000_000_500;
const settings = {
  destinations: { allowLocal: false },
  allowCustomEventTypes: false,
  liveTestHelpers: true,
  publicUrl: () => "",
  pickAccounts: true,
  personEvents: "persons_api" as const,
};
const read = (given: EventGiven, custom = false) =>
  publishedEvent(given, (name) => name, { now: NOW, limits: DEFAULT_LIMITS, settings: { ...settings, allowCustomEventTypes: custom } });
const data = { object: { object: "payout", id: "po_1" } };

describe("publishedEvent", () => {
  it("takes a type of the catalogue with an object", () => {
    expect(read({ type: "payout.paid", data })).toEqual({
      id: undefined,
      idParam: "id",
      type: "payout.paid",
      created: undefined,
      object: data.object,
      previousAttributes: undefined,
    });
  });

  it.each([
    [{ data }, "parameter_missing", "type"],
    [{ type: "payout.paid" }, "parameter_missing", "data"],
    [{ type: "order.shipped", data }, "event_type_unknown", "type"],
    [{ type: "account.application.authorized", data }, "event_type_reserved", "type"],
    [{ type: "carabiner.webhook_endpoint.failing", data }, "event_type_reserved", "type"],
    [{ type: "payout.paid", data: {} }, "event_object_invalid", "data[object]"],
    [{ type: "payout.paid", data: { object: "po_1" } }, "event_object_invalid", "data[object]"],
    [{ type: "payout.paid", data: { object: ["payout"] } }, "event_object_invalid", "data[object]"],
    [{ type: "payout.paid", data: { object: { id: "po_1" } } }, "event_object_invalid", "data[object]"],
    [{ type: "payout.paid", data: { ...data, previous_attributes: "x" } }, "parameter_invalid_object", "data[previous_attributes]"],
    [{ type: "payout.paid", data, id: "evt_short" }, "event_id_invalid", "id"],
    [{ type: "payout.paid", data, id: "pay_1234567890" }, "event_id_invalid", "id"],
    [{ type: "payout.paid", data, created: 1_700_000_001 }, "parameter_out_of_range", "created"],
    [{ type: "payout.paid", data, created: 1_697_408_000 }, "parameter_out_of_range", "created"],
  ] as const)("refuses %o: %s", (given, error, param) => {
    expect(() => read(given as EventGiven)).toThrow(expect.objectContaining({ error, param }));
  });

  it("takes types of one's own only where they are allowed, and only in the form of Stripe's", () => {
    expect(read({ type: "order.shipped", data }, true).type).toBe("order.shipped");
    for (const type of ["order", "Order.shipped", "order.", ".shipped", "order shipped.x", "order.*"])
      expect(() => read({ type, data }, true)).toThrow(expect.objectContaining({ error: "event_type_unknown" }));
    expect(() => read({ type: "account.application.deauthorized", data }, true)).toThrow(
      expect.objectContaining({ error: "event_type_reserved" }),
    );
  });
});

describe("the same event again", () => {
  const owner = { accountId: "acct_1", livemode: false };
  const row: EventRow = {
    id: "evt_12345678",
    ...owner,
    type: "payout.paid",
    created: 1_699_999_999_000,
    objectId: "po_1",
    applicationId: null,
    body: Buffer.from(JSON.stringify({ data: { object: { id: "po_1", object: "payout" } } })),
  };

  it("is one with equal type and content, whatever the order of its keys", () => {
    expect(isSameEvent(row, read({ type: "payout.paid", data }), owner)).toBe(true);
    expect(isSameEvent(row, read({ type: "payout.paid", data, created: 1_699_999_999 }), owner)).toBe(true);
  });

  it("is not one of another account, mode, type, time or content", () => {
    const same = read({ type: "payout.paid", data });
    expect(isSameEvent(row, same, { ...owner, accountId: "acct_2" })).toBe(false);
    expect(isSameEvent(row, same, { ...owner, livemode: true })).toBe(false);
    expect(isSameEvent(row, read({ type: "payout.failed", data }), owner)).toBe(false);
    expect(isSameEvent(row, read({ type: "payout.paid", data, created: 1_699_999_998 }), owner)).toBe(false);
    expect(isSameEvent(row, read({ type: "payout.paid", data: { object: { ...data.object, amount: 1 } } }), owner)).toBe(false);
    expect(isSameEvent(row, read({ type: "payout.paid", data: { ...data, previous_attributes: { a: null } } }), owner)).toBe(false);
  });

  it("is told within one request too", () => {
    expect(isSamePublished(read({ type: "payout.paid", data }), read({ type: "payout.paid", data }))).toBe(true);
    expect(
      isSamePublished(read({ type: "payout.paid", data }), read({ type: "payout.paid", data: { object: { object: "payout" } } })),
    ).toBe(false);
  });
});
