import { type IdSource, LATEST_API_VERSION } from "@carabiner/protocol";
import { recordEvents } from "../../src/events/record-event.ts";
import type { AccountRow, DeliveryRow, EndpointRow } from "../../src/store/contract/rows.ts";
import type { Store } from "../../src/store/store.ts";
import { storeFixture } from "../store/store-fixture.ts";

export interface DeliveryFixtureOptions {
  ids: IdSource;
  /** The time at which rows are made, Unix milliseconds. */
  now(): number;
  livemode: boolean;
  /** The signing secret of every endpoint. */
  secret: string;
  /** Where the endpoint for a type of event is. */
  urlOf(type: string): string;
}

/** One account. Each of its endpoints receives one type of event. */
export interface DeliveryFixture {
  account: AccountRow;
  addEndpoint(type: string): Promise<EndpointRow>;
  /** Publishes events of a type, owed to the endpoint for it. */
  publish(type: string, count?: number): Promise<void>;
  /** What is owed to an endpoint, newest first. */
  deliveries(endpoint: EndpointRow): Promise<DeliveryRow[]>;
}

export async function deliveryFixture(store: Store, options: DeliveryFixtureOptions): Promise<DeliveryFixture> {
  const { ids, now, livemode, secret, urlOf } = options;
  const make = storeFixture();
  const account: AccountRow = {
    id: ids.newId("account", now()),
    created: now(),
    apiVersion: LATEST_API_VERSION,
    deleted: false,
    data: {},
  };
  await store.transaction((tx) => tx.insertAccount(account));
  return {
    account,
    async addEndpoint(type) {
      const endpoint = make.endpoint({
        id: ids.newId("webhook_endpoint", now()),
        accountId: account.id,
        livemode,
        url: urlOf(type),
        enabledEvents: [type],
        secrets: [{ secret, expiresAt: null }],
        created: now(),
      });
      await store.transaction((tx) => tx.insertEndpoint(endpoint));
      return endpoint;
    },
    async publish(type, count = 1) {
      const drafts = Array.from({ length: count }, (_, n) => ({
        account,
        livemode,
        type,
        published: true as const,
        object: { id: `cus_${n}`, object: "customer" },
      }));
      await store.transaction((tx) => recordEvents(tx, drafts, { now: now(), ids, request: null }));
    },
    async deliveries(endpoint) {
      const filter = { accountId: account.id, livemode, endpointId: endpoint.id };
      return (await store.read((reads) => reads.deliveries(filter, { limit: 1_000 }))).rows;
    },
  };
}
