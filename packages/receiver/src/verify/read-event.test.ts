import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bodyOf, eventOf, START } from "../../test/signed-webhook.ts";
import { readEvent } from "./read-event.ts";

const read = (value: unknown) => readEvent(bodyOf(value));

describe("a signed body", () => {
  test("that is an event is read", () => {
    const body = bodyOf(eventOf("person.created", { id: "evt_1", account: "acct_9", object: { id: "person_1", object: "person" } }));
    expect(readEvent(body)).toEqual({
      ok: true,
      parsed: JSON.parse(new TextDecoder().decode(body)),
      event: {
        id: "evt_1",
        type: "person.created",
        livemode: false,
        account: "acct_9",
        objectId: "person_1",
        created: START,
        rank: 0,
        apiVersion: "2026-10-28.endive",
        thin: false,
        scope: "connected",
        body,
      },
    });
  });

  test("of an object without an id is known by the object's kind", () => {
    expect(read(eventOf("balance.available", { account: null, object: { object: "balance" } }))).toMatchObject({
      event: { objectId: "balance", account: null, scope: "own" },
    });
  });

  test("of a time in parts of a second is of a whole millisecond, and ids may have 255 characters", () => {
    const id = `evt_${"x".repeat(251)}`;
    expect(read({ ...eventOf("a.b", { id }), created: 1.0001 })).toMatchObject({ event: { id, created: 1_000 } });
  });

  test("may begin with a byte order mark, and hold any character", () => {
    const event = eventOf("payout.paid", { object: { id: "🧗", object: "ü" } });
    expect(readEvent(new TextEncoder().encode(`\uFEFF${JSON.stringify(event)}`))).toMatchObject({ ok: true, event: { objectId: "🧗" } });
  });

  test("that is a thin event is read, with the account of its context or of what it is about", () => {
    const thin = {
      id: "evt_t",
      object: "v2.core.event",
      type: "v2.core.account.updated",
      livemode: true,
      created: "2026-01-01T00:00:01.500Z",
      related_object: { id: "acct_r", type: "v2.core.account", url: "/v2/core/accounts/acct_r" },
    };
    expect(read(thin)).toMatchObject({
      event: { thin: true, scope: "own", livemode: true, created: START + 1_500, account: "acct_r", objectId: "acct_r" },
    });
    expect(read({ ...thin, context: "acct_p/acct_c" })).toMatchObject({ event: { scope: "connected", account: "acct_c" } });
    expect(read({ ...thin, context: "acct_c" })).toMatchObject({ event: { scope: "connected", account: "acct_c" } });
    expect(read({ ...thin, related_object: null })).toMatchObject({ event: { scope: "own", account: null, objectId: "" } });
    expect(read({ ...thin, related_object: null, data: { account_id: "acct_d" } })).toMatchObject({ event: { account: "acct_d" } });
    const person = { id: "person_1", type: "v2.core.account_person", url: "/v2/core/accounts/acct_p/persons/person_1" };
    expect(read({ ...thin, related_object: person })).toMatchObject({ event: { scope: "own", account: "acct_p", objectId: "person_1" } });
    const balance = { type: "balance", url: "/v1/balance" };
    expect(read({ ...thin, type: "v1.balance.available", related_object: balance })).toMatchObject({
      event: { scope: "own", account: null, objectId: "balance" },
    });
    expect(read({ ...thin, type: "v2.core.event_destination.ping" })).toMatchObject({ event: { scope: "either" } });
    // Whole events tell of connections as well, in seconds.
    expect(read({ ...thin, type: "v1.account.application.authorized" })).toMatchObject({ event: { created: START + 1_000 } });
    expect(read({ ...thin, created: "soon" })).toMatchObject({ ok: false, reason: "not_an_event" });
  });

  test.each([
    ["null", null],
    ["an array", []],
    ["text", "event"],
    ["another object", { object: "payout", id: "po_1" }],
    ["without id", { ...eventOf("a.b"), id: undefined }],
    ["without type", { ...eventOf("a.b"), type: "" }],
    ["without mode", { ...eventOf("a.b"), livemode: "false" }],
    ["without time", { ...eventOf("a.b"), created: "now" }],
    ["of a time after the last day", { ...eventOf("a.b"), created: 8_640_000_000_001 }],
    ["of a time before the first day", { ...eventOf("a.b"), created: -8_640_000_000_001 }],
    ["of a time that is too large in milliseconds", { ...eventOf("a.b"), created: 1e306 }],
    ["with an id that no index can keep", { ...eventOf("a.b"), id: `evt_${"x".repeat(252)}` }],
    ["with a type that is none", { ...eventOf("a.b"), type: "x".repeat(256) }],
    ["with an id that no database can keep", { ...eventOf("a.b"), id: "evt_\0" }],
    ["with a type that no database can keep", { ...eventOf("a.b"), type: "a.\0" }],
    ["without data", { ...eventOf("a.b"), data: [] }],
    ["with an account that is none", { ...eventOf("a.b"), account: 7 }],
    ["with an account that no database can keep", { ...eventOf("a.b"), account: "acct_\0" }],
    ["with an account that no index can keep", { ...eventOf("a.b"), account: `acct_${"x".repeat(251)}` }],
  ])("that is %s is no event", (_what, value) => {
    expect(read(value)).toMatchObject({ ok: false, reason: "not_an_event" });
  });

  test("that is no JSON, or no UTF-8, is neither", () => {
    for (const bytes of [new Uint8Array(), new TextEncoder().encode("{"), new Uint8Array([0x22, 0xff, 0x22])])
      expect(readEvent(bytes)).toMatchObject({ ok: false, reason: "not_json" });
  });

  test("of any kind is read or refused, and never throws", () => {
    fc.assert(fc.property(fc.json(), (text) => typeof readEvent(new TextEncoder().encode(text)).ok === "boolean"));
    fc.assert(fc.property(fc.uint8Array(), (bytes) => typeof readEvent(bytes).ok === "boolean"));
  });
});
