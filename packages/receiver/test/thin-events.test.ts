import { expect, test } from "vitest";
import { memoryInbox } from "../src/inbox/memory-inbox.ts";
import { createReceiver } from "../src/index.ts";
import { fakeClient } from "./acceptance/order.ts";
import { webhook } from "./signed-webhook.ts";
import { turnedClock } from "./turned-clock.ts";

function thin(type: string, more: object = {}): Record<string, unknown> {
  return {
    id: `evt_${type}`,
    object: "v2.core.event",
    type,
    livemode: false,
    created: "2026-01-01T00:00:00Z",
    related_object: { id: "mtr_1", type: "billing.meter", url: "/v1/billing/meters/mtr_1" },
    ...more,
  };
}

test("thin events come to the same address, are told apart after verification, and can be filled in", async () => {
  const { client, calls } = fakeClient((path) => ({ path }));
  const hooks = createReceiver({
    endpoints: { platform: { secret: "whsec_platform" } },
    livemode: false,
    inbox: memoryInbox(),
    stripe: client,
    log: false,
    clock: turnedClock(),
  });
  const seen: unknown[] = [];
  hooks
    .thin("v1.billing.meter.*", async (event, { account, endpoint, fetchRelatedObject, fetchEvent }) => {
      seen.push([event.type, account, endpoint, await fetchRelatedObject(), await fetchEvent()]);
    })
    .unhandled(() => seen.push("unhandled"));
  hooks.platform.on("*", () => seen.push("a snapshot handler"));

  await hooks.handle(webhook(thin("v1.billing.meter.no_meter_found"), { secret: "whsec_platform" }));
  await hooks.handle(webhook(thin("v1.billing.meter.error", { context: "acct_1" }), { secret: "whsec_platform" }));
  await hooks.handle(webhook(thin("v2.something.else"), { secret: "whsec_platform" }));
  const meter = { path: "/v1/billing/meters/mtr_1" };
  expect(seen).toEqual([
    ["v1.billing.meter.no_meter_found", null, "platform", meter, { path: "/v2/core/events/evt_v1.billing.meter.no_meter_found" }],
    ["v1.billing.meter.error", "acct_1", "platform", meter, { path: "/v2/core/events/evt_v1.billing.meter.error" }],
  ]);
  expect(calls.at(-1)).toEqual(["/v2/core/events/evt_v1.billing.meter.error", { stripeAccount: "acct_1" }]);
});
