import { UNLISTED_EVENT_TYPES } from "@carabiner/protocol";
import { describe, expect, it, vi } from "vitest";
import { DEFAULT_LIMITS } from "../../limits.ts";
import type { EventRow } from "../../store/contract/rows.ts";
import { type EventGiven, isSameEvent, isSamePublished, keptSince, publishedEvent } from "./published-event.ts";

const NOW = 1_700_000_000_500;
const settings = {
  destinations: { allowLocal: false },
  allowCustomEventTypes: false,
  platformsSeeServer: true,
  liveTestHelpers: true,
  publicUrl: () => "",
  pickAccounts: true,
  personEvents: "persons_api" as const,
};
const read = (given: EventGiven, custom = false) =>
  publishedEvent(given, (name) => name, {
    now: NOW,
    livemode: false,
    limits: DEFAULT_LIMITS,
    settings: { ...settings, allowCustomEventTypes: custom },
  });
const data = { object: { object: "payout", id: "po_1" } };

describe("publishedEvent", () => {
  it("takes a type of the catalogue with an object", () => {
    expect(read({ type: "payout.paid", data })).toEqual({
      id: undefined,
      accountId: undefined,
      named: expect.any(Function),
      apiVersion: undefined,
      created: undefined,
      object: data.object,
      previousAttributes: undefined,
      request: undefined,
      type: "payout.paid",
    });
  });

  it("makes no names of parameters for an event that is taken", () => {
    const named = vi.fn((name: string) => name);
    const given = { type: "payout.paid", data, id: "evt_1Nabcdefghijk", account: "acct_1", api_version: "2024-06-20", request: "req_1" };
    publishedEvent(given, named, { now: NOW, livemode: false, limits: DEFAULT_LIMITS, settings });
    expect(named).not.toHaveBeenCalled();
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
    [{ type: "payout.paid", data, livemode: true }, "event_in_other_mode", "livemode"],
    [{ type: "payout.paid", data, api_version: "2024-06-21" }, "api_version_invalid", "api_version"],
    [{ type: "payout.paid", data, request: 1 }, "parameter_invalid_object", "request"],
    [{ type: "payout.paid", data, request: { id: 1 } }, "parameter_invalid_object", "request"],
    [{ type: "payout.paid", data, request: { id: "req_1", surprise: "x" } }, "parameter_invalid_object", "request"],
  ] as const)("refuses %o: %s", (given, error, param) => {
    expect(() => read(given as EventGiven)).toThrow(expect.objectContaining({ error, param }));
  });

  it("takes what a whole event says", () => {
    const whole: EventGiven = {
      id: "evt_1Nabcdefghijk",
      object: "event",
      account: "acct_1",
      api_version: "2024-06-20; x_beta=v1",
      context: null,
      created: 1_500_000_000,
      data: { ...data, previous_attributes: { status: "pending" } },
      livemode: false,
      pending_webhooks: 3,
      request: { id: "req_1", idempotency_key: "key" },
      type: "payout.paid",
    };
    expect(read(whole)).toMatchObject({
      id: "evt_1Nabcdefghijk",
      accountId: "acct_1",
      apiVersion: "2024-06-20",
      created: 1_500_000_000_000,
      previousAttributes: { status: "pending" },
      request: { id: "req_1", idempotencyKey: "key" },
    });
    expect(read({ ...whole, api_version: null, request: null, account: null })).toMatchObject({
      accountId: undefined,
      apiVersion: undefined,
      request: null,
    });
    expect(read({ ...whole, request: "req_1" }).request).toEqual({ id: "req_1", idempotencyKey: null });
    expect(read({ ...whole, request: "" }).request).toBeNull();
  });

  it("takes the types that Stripe has named and the catalogue does not list", () => {
    for (const type of UNLISTED_EVENT_TYPES) expect(read({ type, data }).type).toBe(type);
  });

  it("keeps an event since it was created, or since now where that is longer ago than events are kept", () => {
    const since = (created?: number) =>
      keptSince(read({ type: "payout.paid", data, ...(created === undefined ? {} : { created }) }), { now: NOW, limits: DEFAULT_LIMITS });
    expect([since(), since(1_699_999_000), since(1_697_408_000), since(0)]).toEqual([NOW, 1_699_999_000_000, NOW, NOW]);
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
    body: Buffer.from(JSON.stringify({ created: 1_699_999_999, data: { object: { id: "po_1", object: "payout" } } })),
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
