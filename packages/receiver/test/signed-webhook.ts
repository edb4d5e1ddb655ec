import Stripe from "stripe";
import type { Incoming } from "../src/http-exchange.ts";

export const PLATFORM_SECRET = "whsec_platform";
export const CONNECT_SECRET = "whsec_connect";

/** When the tests' time begins: 2026-01-01T00:00:00Z. */
export const START = 1_767_225_600_000;

let events = 0;

/** An event as Stripe writes it; of a connected account unless `account` is null. `created` is in Unix seconds. */
export function eventOf(
  type: string,
  given: { id?: string; account?: string | null; livemode?: boolean; created?: number; object?: Record<string, unknown> } = {},
): Record<string, unknown> {
  const {
    id = `evt_${++events}`,
    account = "acct_1",
    livemode = false,
    created = START / 1_000,
    object = { id: "obj_1", object: "thing" },
  } = given;
  return {
    id,
    object: "event",
    ...(account === null ? {} : { account }),
    api_version: "2026-10-28.endive",
    created,
    data: { object },
    livemode,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type,
  };
}

/**
 * A thin event as Stripe sends it; of a connected account unless `context` is null. `created` is in Unix milliseconds.
 */
export function thinEventOf(
  type: string,
  given: {
    id?: string;
    context?: string | null;
    livemode?: boolean;
    created?: number;
    related?: { id?: string; type: string; url: string } | null;
    more?: Record<string, unknown>;
  } = {},
): Record<string, unknown> {
  const {
    id = `evt_thin_${++events}`,
    context = "acct_1",
    livemode = false,
    created = START,
    related = { id: "acct_1", type: "account", url: "/v1/accounts/acct_1" },
    more = {},
  } = given;
  return {
    id,
    object: "v2.core.event",
    type,
    livemode,
    created: new Date(created).toISOString(),
    ...(related === null ? {} : { related_object: related }),
    ...(context === null ? {} : { context }),
    ...more,
  };
}

/** A body as it is sent: pretty-printed. */
export function bodyOf(event: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(event, null, 2));
}

/** The header that signs a body. `at` is in Unix milliseconds. Made by the official package. */
export function signatureOf(body: Uint8Array, { secret, at = START }: { secret: string; at?: number }): string {
  return Stripe.webhooks.generateTestHeaderString({
    payload: new TextDecoder("utf-8", { ignoreBOM: true }).decode(body),
    secret,
    timestamp: Math.floor(at / 1_000),
  });
}

/** A request that carries an event, signed; with the Connect endpoint's secret where the event is of an account. */
export function webhook(event: Record<string, unknown>, { secret, at }: { secret?: string; at?: number } = {}): Incoming {
  const body = bodyOf(event);
  const signedWith = secret ?? ("account" in event || "context" in event ? CONNECT_SECRET : PLATFORM_SECRET);
  const header = signatureOf(body, at === undefined ? { secret: signedWith } : { secret: signedWith, at });
  return requestOf(body, header);
}

function requestOf(body: Incoming["body"], signature: string | null, method = "POST"): Incoming {
  return { method, header: (name) => (name === "stripe-signature" ? signature : null), body };
}
