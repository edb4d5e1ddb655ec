import { afterEach, beforeEach } from "vitest";
import type { ClaimRequest } from "../../../src/store/contract/claim-request.ts";
import type { Claim, Settlement } from "../../../src/store/contract/delivery-store.ts";
import type { DeliveryRow, EndpointRow } from "../../../src/store/contract/rows.ts";
import type { Transaction } from "../../../src/store/contract/transaction.ts";
import type { Store } from "../../../src/store/store.ts";
import { START, type StoreFixture, settlementOf, storeFixture } from "../store-fixture.ts";
import type { StoreHarness } from "../store-harness.ts";

export const OWNER = { accountId: "acct_owner", livemode: false } as const;
export const IN_A_MINUTE = START + 60_000;

/** The store a test works on: opened before each test of the suite it is made in, closed after it. */
export class OpenedStore {
  store!: Store;
  make!: StoreFixture;

  constructor(harness: StoreHarness) {
    beforeEach(async () => {
      this.store = await harness.open({ now: START });
      this.make = storeFixture();
    });
    afterEach(() => harness.close());
  }

  write(work: (tx: Transaction) => Promise<void>): Promise<void> {
    return this.store.transaction(work);
  }

  async oneEndpoint(given?: Partial<EndpointRow>): Promise<EndpointRow> {
    return (await this.make.endpoints(this.store, 1, given))[0] as EndpointRow;
  }

  delivery(id: string): Promise<DeliveryRow | null> {
    return this.store.read((reads) => reads.delivery(id));
  }

  /** Settles claims whose attempts were made at `at`. */
  settleAll(claims: readonly Claim[], next: Settlement["next"], at = START): Promise<{ refused: string[] }> {
    return this.store.settle(
      claims.map((claim) => settlementOf(claim, next, at)),
      [],
    );
  }
}

/** A claim of what is due at the start, with room for all. */
export function claimRequest(given: Partial<ClaimRequest> = {}): ClaimRequest {
  return {
    now: START,
    leaseMs: 90_000,
    limit: 100,
    perEndpoint: 100,
    perFailingEndpoint: 100,
    rateSpanMs: 20_000,
    busy: new Set(),
    ...given,
  };
}

export function idsOf(rows: readonly { id: string }[]): string[] {
  return rows.map(({ id }) => id);
}

/** The ids of the deliveries claimed. */
export function claimed(claims: readonly Claim[]): string[] {
  return claims.map(({ deliveryId }) => deliveryId);
}
