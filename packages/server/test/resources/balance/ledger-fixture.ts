import { createIdSource } from "@carabiner/protocol";
import type { EventDraft } from "../../../src/events/event-draft.ts";
import { recordEvents } from "../../../src/events/record-event.ts";
import { DEFAULT_LIMITS } from "../../../src/limits.ts";
import type { ChangeContext } from "../../../src/operations/operation.ts";
import type { LedgerEntry } from "../../../src/resources/balance/balance-transaction.ts";
import type { AccountRow } from "../../../src/store/contract/rows.ts";
import { openStore } from "../../../src/store/open-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { START, storeFixture } from "../../store/store-fixture.ts";

/** A store with one account, whose time the test sets, and the events that were recorded. */
export interface LedgerFixture {
  store: Store;
  account: AccountRow;
  now: number;
  recorded: EventDraft[];
  /** Changes the world in a separate transaction, in test mode. */
  change<T>(work: (context: ChangeContext) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export async function ledgerFixture(): Promise<LedgerFixture> {
  const store = await openStore({ location: "memory", now: START });
  const account = storeFixture().account();
  await store.transaction((tx) => tx.insertAccount(account));
  let seed = 1;
  const ids = createIdSource((count) =>
    Uint8Array.from({ length: count }, () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % 256;
    }),
  );
  const fixture: LedgerFixture = {
    store,
    account,
    now: START,
    recorded: [],
    change: (work) =>
      store.transaction((tx) =>
        work({
          tx,
          now: fixture.now,
          livemode: false,
          ids,
          limits: DEFAULT_LIMITS,
          settings: {
            destinations: { allowLocal: true },
            allowCustomEventTypes: false,
            personEvents: "persons_api",
            platformsSeeServer: false,
            liveTestHelpers: false,
            publicUrl: () => "",
            pickAccounts: false,
          },
          record: (drafts) => {
            fixture.recorded.push(...drafts.filter((draft): draft is EventDraft => "type" in draft && !("thin" in draft)));
            return recordEvents(tx, drafts, { now: fixture.now, ids, request: null });
          },
        }),
      ),
    close: () => store.close(),
  };
  return fixture;
}

/** An entry of 1,000 US cents by card, at once. */
export function entry(given: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    amount: 1_000,
    fee: 0,
    feeDetails: [],
    currency: "usd",
    type: "charge",
    source: "ch_1",
    sourceType: "card",
    availableOn: START,
    description: null,
    ...given,
  };
}
