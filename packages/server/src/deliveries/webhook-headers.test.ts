import { signatureHeader } from "@carabiner/protocol";
import { expect, test } from "vitest";
import type { Claim } from "../store/contract/delivery-store.ts";
import { webhookHeaders } from "./webhook-headers.ts";

test("a secret signs until the moment it expires, by the server's clock, and the time is the machine's", () => {
  const body = Buffer.from("{}");
  const secrets = [
    { secret: "whsec_new", expiresAt: null },
    { secret: "whsec_old", expiresAt: 1_000 },
  ];
  const claim = { body, event: { id: "evt_1", type: "customer.created", livemode: true }, endpoint: { secrets } } as unknown as Claim;
  const signed = (now: number) => webhookHeaders(claim, now, 77_000)["stripe-signature"];
  const by = (...names: string[]) => signatureHeader({ timestamp: 77, body, secrets: names, dummy: false });
  expect(signed(999)).toBe(by("whsec_new", "whsec_old"));
  expect(signed(1_000)).toBe(by("whsec_new"));
});
