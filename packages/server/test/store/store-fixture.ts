import { createIdSource } from "@carabiner/protocol";
import type { Claim, Settlement } from "../../src/store/contract/delivery-store.ts";
import type { AccountRow, AttemptRow, EndpointRow, EventRow, NewDelivery, ObjectRow } from "../../src/store/contract/rows.ts";
import { fixedKeys, type KeySource, secretKey } from "../../src/store/secret-box.ts";
import type { Store } from "../../src/store/store.ts";

/** A key for stores of tests, as text. */
export const TEST_SECRET = "00".repeat(32);

/** The same as a store takes it. */
export const TEST_KEYS: KeySource = fixedKeys({ current: secretKey(Buffer.from(TEST_SECRET, "hex")), older: [] }, "the tests");

/** The time at which the fixture's rows are made, unless told otherwise. */
export const START = 1_763_942_400_000;

/** Makes rows for tests of a store, each with an id larger than the last, and the same ids in every run. */
export interface StoreFixture {
  account(given?: Partial<AccountRow>): AccountRow;
  endpoint(given?: Partial<EndpointRow>): EndpointRow;
  object(given?: Partial<ObjectRow>): ObjectRow;
  event(given?: Partial<EventRow>): EventRow;
  delivery(event: EventRow, endpoint: EndpointRow, given?: Partial<NewDelivery>): NewDelivery;
  /** Stores `count` new events, each owed to the endpoint. */
  owe(store: Store, endpoint: EndpointRow, count: number, given?: Partial<NewDelivery>): Promise<NewDelivery[]>;
  /** Stores new endpoints. */
  endpoints(store: Store, count: number, given?: Partial<EndpointRow>): Promise<EndpointRow[]>;
}

export function storeFixture(): StoreFixture {
  let seed = 1;
  const nextByte = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % 256;
  };
  const ids = createIdSource((count) => Uint8Array.from({ length: count }, nextByte));
  const fixture: StoreFixture = {
    account: (given) => ({
      id: ids.newId("account", START),
      created: START,
      apiVersion: "2026-01-28.clover",
      deleted: false,
      data: { email: "jenny@example.com", metadata: {} },
      ...given,
    }),
    endpoint: (given) => ({
      id: ids.newId("webhook_endpoint", START),
      accountId: "acct_owner",
      livemode: false,
      connect: false,
      own: given?.connect !== true,
      payload: "snapshot",
      name: null,
      url: "https://example.com/hook",
      enabledEvents: ["*"],
      apiVersion: null,
      description: null,
      metadata: { team: "a" },
      status: "enabled",
      disabledReason: null,
      secrets: [
        { secret: "whsec_new", expiresAt: null },
        { secret: "whsec_old", expiresAt: START + 1000 },
      ],
      created: START,
      updated: START,
      deleted: false,
      madeBy: null,
      firstFailureAt: null,
      toldOf: null,
      pausedAt: null,
      rateLimit: null,
      ...given,
    }),
    object: (given) => ({
      id: ids.newId("customer", START),
      object: "customer",
      accountId: "acct_owner",
      livemode: false,
      parent: null,
      created: START,
      data: { name: "Jenny" },
      ...given,
    }),
    event: (given) => {
      const id = ids.newId("event", START);
      return {
        id,
        accountId: "acct_owner",
        livemode: false,
        type: "customer.created",
        created: START,
        objectId: "cus_1",
        applicationId: null,
        body: Buffer.from(`{"id":"${id}","name":"Zoë"}`),
        ...given,
      };
    },
    delivery: (event, endpoint, given) => ({
      id: ids.newId("delivery", START),
      kind: "automatic",
      event,
      endpoint,
      variant: null,
      body: event.body,
      dueAt: START,
      created: START,
      ...given,
    }),
    async owe(store, endpoint, count, given) {
      const events = Array.from({ length: count }, () => fixture.event());
      const deliveries = events.map((event) => fixture.delivery(event, endpoint, given));
      await store.transaction(async (tx) => {
        await tx.insertEvents(events, []);
        await tx.insertDeliveries(deliveries);
      });
      return deliveries;
    },
    async endpoints(store, count, given) {
      const rows = Array.from({ length: count }, () => fixture.endpoint(given));
      await store.transaction(async (tx) => {
        for (const row of rows) await tx.insertEndpoint(row);
      });
      return rows;
    },
  };
  return fixture;
}

/** The attempt of a claim, made at `at`. */
export function attemptOf(claim: Claim, at: number, given?: Partial<AttemptRow>): AttemptRow {
  return {
    deliveryId: claim.deliveryId,
    number: claim.attempt,
    at,
    durationMs: 7,
    outcome: "succeeded",
    status: 200,
    reason: "The endpoint answered 200.",
    retryAfterMs: null,
    phases: { reused: false, dnsMs: 1.5, connectMs: 0.3, tlsMs: null, firstByteMs: 6.1 },
    requestHeaders: { "stripe-signature": "t=1,v1=2" },
    responseHeaders: { "content-type": "text/plain; charset=utf-8" },
    responseBody: "ok – ✓",
    ...given,
  };
}

/** The settlement of a claim whose attempt was made at `at`. */
export function settlementOf(claim: Claim, next: Settlement["next"], at: number): Settlement {
  return {
    deliveryId: claim.deliveryId,
    endpointId: claim.endpoint.id,
    token: claim.token,
    attempt: attemptOf(claim, at, next.state === "succeeded" ? {} : { outcome: "status", status: 500 }),
    next,
  };
}
