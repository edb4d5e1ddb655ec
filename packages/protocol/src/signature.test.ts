import fc from "fast-check";
import Stripe from "stripe";
import { describe, expect, test } from "vitest";
import { signatureHeader } from "./signature.ts";

const { webhooks } = Stripe;
const body = (text: string) => Buffer.from(text);

describe("the signature header", () => {
  test("is the one of a known vector", () => {
    expect(signatureHeader({ timestamp: 1_700_000_000, body: body('{"id":"evt_1"}'), secrets: ["whsec_test"], dummy: false })).toBe(
      "t=1700000000,v1=c89214b5b5da833daed6f0b8c5bb6bd58cea9022bd80ccc78230f3942d632925",
    );
  });

  test("is the one that the official package makes", () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 1 }), fc.integer({ min: 1, max: 2_000_000_000 }), (payload, secret, timestamp) => {
        expect(signatureHeader({ timestamp, body: body(payload), secrets: [secret], dummy: false })).toBe(
          webhooks.generateTestHeaderString({ payload, secret, timestamp }),
        );
      }),
    );
  });

  test("is accepted with any of several secrets, and a dummy v0 changes nothing", () => {
    const payload = JSON.stringify({ id: "evt_1", object: "event" }, null, 2);
    const timestamp = Math.floor(Date.now() / 1000);
    const header = signatureHeader({ timestamp, body: body(payload), secrets: ["whsec_new", "whsec_old"], dummy: true });
    expect(header).toMatch(/^t=\d+,v1=[0-9a-f]{64},v1=[0-9a-f]{64},v0=[0-9a-f]{64}$/);
    for (const secret of ["whsec_new", "whsec_old"]) expect(webhooks.constructEvent(payload, header, secret).id).toBe("evt_1");
    expect(() => webhooks.constructEvent(payload, header, "whsec_other")).toThrow(Stripe.errors.StripeSignatureVerificationError);
    expect(() => webhooks.constructEvent(`${payload} `, header, "whsec_new")).toThrow(Stripe.errors.StripeSignatureVerificationError);
  });
});
