import Stripe from "stripe";
import type { Carabiner, ClientIds } from "../src/index.ts";

/** The official SDK, pointed at a server. It makes no retries of its own unless asked to. */
export function client(server: Pick<Carabiner, "host" | "port">, key: string, config: Partial<Stripe.StripeConfig> = {}): Stripe {
  return new Stripe(key, { host: server.host, port: server.port, protocol: "http", telemetry: false, maxNetworkRetries: 0, ...config });
}

export interface Platform {
  account: string;
  applications: ClientIds;
  keys: Carabiner["keys"];
  live: Stripe;
  test: Stripe;
}

/** A platform of a test's own, so that no other test's objects are in its lists. */
export async function platformOfItsOwn(server: Pick<Carabiner, "host" | "port" | "keys">): Promise<Platform> {
  const made = (await client(server, server.keys.test.secret).rawRequest("POST", "/v1/test_helpers/platforms", {})) as unknown as Pick<
    Platform,
    "account" | "applications" | "keys"
  >;
  const { account, applications, keys } = made;
  return { account, applications, keys, live: client(server, keys.live.secret), test: client(server, keys.test.secret) };
}

/** An account's own keys, as a Standard account has them. */
export async function ownKeys(platform: Stripe, account: string): Promise<Carabiner["keys"]> {
  return (await platform.rawRequest("POST", `/v1/test_helpers/accounts/${account}/keys`)) as unknown as Carabiner["keys"];
}

/** Publishes an event, or many. */
export function publish<Answer = Stripe.Event>(stripe: Stripe, params: object, options: Stripe.RawRequestOptions = {}): Promise<Answer> {
  return stripe.rawRequest("POST", "/v1/events", params as Record<string, unknown>, options) as unknown as Promise<Answer>;
}

/** What a call was refused with. */
export async function refusal(call: Promise<unknown>) {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error;
    const { statusCode: status, code, param, message, type } = error;
    return { status, code, param, message, type };
  }
  throw new Error("the call was not refused");
}

/**
 * What several calls, made at once, are refused with, in their order. Awaited in turn, one could reject while nothing
 * listens to it.
 */
export function refusals(calls: readonly Promise<unknown>[]) {
  return Promise.all(calls.map(refusal));
}
