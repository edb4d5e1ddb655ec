import Stripe from "stripe";
import { describe, expect, expectTypeOf, test } from "vitest";
import { API_VERSIONS, type ApiVersion, isApiVersion, isBefore, LATEST_API_VERSION } from "./api-versions.ts";
import {
  APPLICATION_TYPES,
  ENDPOINT_EVENT_TYPES,
  EVENT_TYPES,
  type EventType,
  isEndpointEventType,
  isEventType,
  isUnlistedEventType,
  objectClassOf,
  SELECTION_REQUIRED_TYPES,
  UNLISTED_EVENT_TYPES,
} from "./event-types.ts";

describe("event types", () => {
  test("are exactly those that the official package lets an endpoint enable", () => {
    expectTypeOf<EventType>().toEqualTypeOf<Exclude<Stripe.WebhookEndpointCreateParams.EnabledEvent, "*">>();
  });

  test("are known by name, and nothing inherited is", () => {
    expect(EVENT_TYPES.every(isEventType)).toBe(true);
    for (const name of ["*", "toString", "__proto__", "account.created", "v1.account.updated"]) expect(isEventType(name), name).toBe(false);
  });

  test("that need selection or concern an application are in the catalogue", () => {
    for (const type of [...SELECTION_REQUIRED_TYPES, ...APPLICATION_TYPES]) expect(isEventType(type), type).toBe(true);
  });

  test("of Carabiner's own are not in the catalogue", () => {
    for (const type of ENDPOINT_EVENT_TYPES) expect([isEndpointEventType(type), isEventType(type)], type).toEqual([true, false]);
    expect(EVENT_TYPES.some(isEndpointEventType)).toBe(false);
  });

  test("that Stripe named elsewhere are not in the catalogue, and are listed once each, in order", () => {
    expect(UNLISTED_EVENT_TYPES.filter((type) => isEventType(type) || isEndpointEventType(type))).toEqual([]);
    expect([...new Set<string>(UNLISTED_EVENT_TYPES)].sort()).toEqual([...UNLISTED_EVENT_TYPES]);
    for (const type of ["transfer.paid", "transfer.failed", "payment_method.card_automatically_updated"])
      expect(isUnlistedEventType(type), type).toBe(true);
    for (const type of ["transfer.created", "toString", "*"]) expect(isUnlistedEventType(type), type).toBe(false);
  });

  test("name the class of their object", () => {
    expect(objectClassOf("payout.failed")).toBe("Payout");
    expect(objectClassOf("account.application.deauthorized")).toBe("Application");
  });
});

describe("API versions", () => {
  test("are exactly those that the official package lets an endpoint pin", () => {
    expectTypeOf<ApiVersion>().toEqualTypeOf<Stripe.WebhookEndpointCreateParams.ApiVersion>();
  });

  test("end with the one that the official package pins", () => {
    expect(LATEST_API_VERSION).toBe(Stripe.API_VERSION);
    expect(API_VERSIONS.at(-1)).toBe(LATEST_API_VERSION);
  });

  test("are in the order of their dates", () => {
    expect([...API_VERSIONS].sort()).toEqual(API_VERSIONS);
    expect(isBefore("2017-04-06", "2017-05-25")).toBe(true);
    expect(isBefore("2017-05-25", "2017-05-25")).toBe(false);
    expect(isApiVersion("2017-05-26")).toBe(false);
  });
});
