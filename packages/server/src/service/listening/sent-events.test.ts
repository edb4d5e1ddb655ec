import { expect, test } from "vitest";
import type { Claim } from "../../store/contract/delivery-store.ts";
import { SentEvents } from "./sent-events.ts";

test("the bodies of what was sent are not kept, acknowledged or not", () => {
  const sent = new SentEvents();
  const claim = { deliveryId: "dlv_1", body: Buffer.alloc(1_000_000) } as Partial<Claim> as Claim;
  const conversations = ["wc_1d", "wc_1l"];
  const one = { claim, at: 0, sentAt: 0, requestHeaders: {}, connected: false, acknowledgedAt: null };
  sent.add({ ...one, conversations, unacknowledged: new Set(conversations) });
  expect(sent.allUnacknowledged().map(({ claim: { deliveryId, body } }) => [deliveryId, body.length])).toEqual([["dlv_1", 0]]);
  for (const conversation of conversations) sent.acknowledge(conversation, 1);
  expect(sent.allAwaited().map(({ claim: { body } }) => body.length)).toEqual([0]);
});
