import { randomBytes } from "node:crypto";
import { createIdSource, LATEST_API_VERSION } from "../packages/protocol/src/index.ts";
import { recordEvents } from "../packages/server/src/events/record-event.ts";
import type { AccountRow, EndpointRow } from "../packages/server/src/store/contract/rows.ts";
import type { Store } from "../packages/server/src/store/store.ts";
import { storeFixture } from "../packages/server/test/store/store-fixture.ts";

const ids = createIdSource(randomBytes);
const make = storeFixture();

/** The number of events in one transaction. */
const BATCH = 1_000;

/** An account and its endpoints; endpoint number n receives events of the type `bench.n`. */
export interface Owner {
  account: AccountRow;
  endpoints: number;
}

/** Writes an account with endpoints in live mode, whose retries continue for three days. */
export async function seedOwner(store: Store, now: number, endpoints: number, urlOf: (n: number) => string): Promise<Owner> {
  const account: AccountRow = { id: ids.newId("account", now), created: now, apiVersion: LATEST_API_VERSION, deleted: false, data: {} };
  await store.transaction(async (tx) => {
    await tx.insertAccount(account);
    for (let n = 0; n < endpoints; n++) await tx.insertEndpoint(endpointRow(account, n, now, urlOf(n)));
  });
  return { account, endpoints };
}

/**
 * Makes `count` deliveries pending, as many for each endpoint of each owner. Nothing is sent, because the store must
 * not have an engine.
 */
export async function seedPending(store: Store, now: number, owners: readonly Owner[], count: number): Promise<void> {
  let made = 0;
  while (made < count)
    for (const { account, endpoints } of owners) {
      const batch = Math.min(BATCH, Math.ceil(count / owners.length), count - made);
      if (batch <= 0) return;
      const drafts = Array.from({ length: batch }, (_, n) => ({
        account,
        livemode: true,
        type: `bench.${(made + n) % endpoints}`,
        published: true as const,
        object: { id: `po_${made + n}`, object: "payout", amount: 1_100 + n, currency: "usd", status: "paid" },
      }));
      await store.transaction((tx) => recordEvents(tx, drafts, { now, ids, request: null }));
      made += batch;
    }
}

function endpointRow(account: AccountRow, n: number, now: number, url: string): EndpointRow {
  return make.endpoint({
    id: ids.newId("webhook_endpoint", now),
    accountId: account.id,
    livemode: true,
    url,
    enabledEvents: [`bench.${n}`],
    secrets: [{ secret: "whsec_0123456789abcdefghijklmnopqrstuv", expiresAt: null }],
    created: now,
  });
}
