import { describe, expect, test } from "vitest";
import type { EventRow } from "../store/contract/rows.ts";
import { type EventContent, eventAnswer, renderAgain, renderEvent } from "./render-event.ts";

const content: EventContent = {
  id: "evt_m07iNeCac3Zx6N",
  accountId: "acct_L2QLg3bj0lAmZW",
  created: 1_349_654_313_500,
  livemode: true,
  type: "customer.updated",
  object: { id: "cus_1", object: "customer", name: "Zoë" },
  previousAttributes: { name: null },
  pendingWebhooks: 2,
  request: { id: "req_1", idempotencyKey: "key" },
};

const row: EventRow = {
  id: content.id,
  accountId: content.accountId,
  livemode: true,
  type: content.type,
  created: content.created,
  objectId: "cus_1",
  applicationId: null,
  body: renderEvent(content, { apiVersion: "2026-10-28.endive", asConnected: true }),
};

const text = (body: Uint8Array) => Buffer.from(body).toString();

describe("the bytes sent", () => {
  test("are pretty-printed, with the keys in the order they are known in", () => {
    expect(text(row.body)).toBe(`{
  "id": "evt_m07iNeCac3Zx6N",
  "object": "event",
  "account": "acct_L2QLg3bj0lAmZW",
  "api_version": "2026-10-28.endive",
  "created": 1349654313,
  "data": {
    "object": {
      "id": "cus_1",
      "object": "customer",
      "name": "Zoë"
    },
    "previous_attributes": {
      "name": null
    }
  },
  "livemode": true,
  "pending_webhooks": 2,
  "request": {
    "id": "req_1",
    "idempotency_key": "key"
  },
  "type": "customer.updated"
}`);
  });

  test("leave out account for those whose own event it is, and previous_attributes where there are none", () => {
    const body = JSON.parse(
      text(renderEvent({ ...content, previousAttributes: undefined }, { apiVersion: "2026-10-28.endive", asConnected: false })),
    );
    expect(body).not.toHaveProperty("account");
    expect(body.data).not.toHaveProperty("previous_attributes");
  });

  test.each([
    { cause: "the clock", request: null, version: "2026-10-28.endive", expected: { id: null, idempotency_key: null } },
    { cause: "a request", request: content.request, version: "2017-05-25", expected: { id: "req_1", idempotency_key: "key" } },
    { cause: "a request, before it was a hash", request: content.request, version: "2017-04-06", expected: "req_1" },
    { cause: "the clock, before it was a hash", request: null, version: "2015-10-16", expected: null },
    { cause: "an application event", request: content.request, version: null, expected: null },
  ] as const)("say what caused it: $cause", ({ request, version, expected }) => {
    expect(JSON.parse(text(renderEvent({ ...content, request }, { apiVersion: version, asConnected: true }))).request).toEqual(expected);
  });

  test("can be made again in another rendering, and are the same in the same one", () => {
    expect(text(renderAgain(row, { apiVersion: "2026-10-28.endive", asConnected: true }))).toBe(text(row.body));
    expect(text(renderAgain(row, { apiVersion: "2016-07-06", asConnected: false }))).toBe(
      text(renderEvent(content, { apiVersion: "2016-07-06", asConnected: false })),
    );
  });
});

test("the answer to a reader has the count of now, and account only for the platform", () => {
  expect(eventAnswer(row, { pendingWebhooks: 1, asConnected: true })).toMatchObject({ account: content.accountId, pending_webhooks: 1 });
  expect(eventAnswer(row, { pendingWebhooks: 0, asConnected: false })).not.toHaveProperty("account");
});
