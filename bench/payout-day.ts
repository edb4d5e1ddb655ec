import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createIdSource } from "../packages/protocol/src/index.ts";
import { recordEvents } from "../packages/server/src/events/record-event.ts";
import { startCarabiner } from "../packages/server/src/index.ts";
import { DEFAULT_LIMITS } from "../packages/server/src/limits.ts";
import { postToLedger } from "../packages/server/src/resources/balance/ledger.ts";
import { deriveWorld } from "../packages/server/src/resources/connected-account/requirements/derive-world.ts";
import { writeAccountState } from "../packages/server/src/resources/connected-account/state/account-state.ts";
import { writeExternalAccount } from "../packages/server/src/resources/connected-account/state/external-account-state.ts";
import { newAccount } from "../packages/server/src/resources/connected-account/state/new-account.ts";
import { nextPayoutDay, payoutSchedule } from "../packages/server/src/resources/connected-account/state/payout-schedule.ts";
import type { AccountRow } from "../packages/server/src/store/contract/rows.ts";
import { openStore } from "../packages/server/src/store/open-store.ts";
import { TEST_KEYS, TEST_SECRET } from "../packages/server/test/store/store-fixture.ts";
import { median } from "./report.ts";

/** What something cost for each account, in microseconds: of elapsed time, and of processor time. */
export interface Cost {
  us: number;
  cpuUs: number;
}

/**
 * A call in milliseconds: the median elapsed time of many calls, and the mean processor time of the process, which is
 * client and server in one.
 */
export interface Look {
  ms: number;
  cpuMs: number;
}

/** What a day with this many accounts cost. */
export interface PayoutDay {
  /** A payout made and submitted, with its events; and its arrival two business days later. */
  day: Cost;
  arrival: Cost;
  /** A call over HTTP: a page of an account's payouts, one payout, a page of accounts. */
  list: Look;
  retrieve: Look;
  accounts: Look;
}

const DAY_S = 24 * 3_600;
const LOOKS = 300;

/**
 * A server in its own process, on a real file, with the number of connected accounts in its argument. It reports what
 * it measured, then waits to be released.
 */
const accounts = Number(process.argv[2]);
const directory = mkdtempSync(join(tmpdir(), "carabiner-bench-"));
const file = join(directory, "carabiner.db");
const ids = createIdSource(randomBytes);

const server = await seeded();
process.on("disconnect", () => {
  void server.close().then(() => {
    rmSync(directory, { recursive: true });
    process.exit();
  });
});
process.send?.(await measure());

/** Fills the file, and starts a server on it just before the first payout day. */
async function seeded() {
  const first = await startCarabiner({ store: { file }, secretKeys: { keys: TEST_SECRET } });
  const { account: platform } = first;
  await first.close();
  const now = Date.now();
  const payoutDay = nextPayoutDay(payoutSchedule({ given: {}, country: "US" }), "US", now) ?? now;
  const store = await openStore({ location: file, now, keys: TEST_KEYS });
  for (let made = 0; made < accounts; made += 1_000)
    await store.transaction(async (tx) => {
      const context = {
        tx,
        now,
        livemode: false,
        ids,
        limits: DEFAULT_LIMITS,
        settings: {
          destinations: { allowLocal: true },
          allowCustomEventTypes: false,
          personEvents: "persons_api" as const,
          platformsSeeServer: false,
          liveTestHelpers: false,
          publicUrl: () => "",
          pickAccounts: false,
        },
        record: (drafts: Parameters<typeof recordEvents>[1]) => recordEvents(tx, drafts, { now, ids, request: null }),
      };
      for (let i = made; i < Math.min(made + 1_000, accounts); i++) {
        const row: AccountRow = { id: ids.newId("account", now), created: now, apiVersion: "2026-10-28.endive", deleted: false, data: {} };
        const state = newAccount({ country: "US", type: "express", createdBy: platform, livemode: false, exempt: true });
        const bank = { id: ids.newId("bank_account", now), object: "external_account", accountId: row.id, livemode: false };
        const external = writeExternalAccount({
          row: { ...bank, parent: null, created: now, data: {} },
          state: {
            kind: "bank_account",
            country: "US",
            currency: "usd",
            defaultForCurrency: true,
            status: "new",
            shown: { last4: "6789", routing_number: "110000000", bank_name: "STRIPE TEST BANK" },
            metadata: {},
            payoutOutcome: null,
          },
        });
        const { world } = deriveWorld({ row, state, persons: [], externalAccounts: [], customer: null }, now, DEFAULT_LIMITS);
        await tx.insertAccount({ ...row, data: writeAccountState(world.state) });
        await tx.insertConnection({
          platformId: platform,
          accountId: row.id,
          livemode: false,
          created: now,
          controller: true,
          scope: "read_write",
        });
        await tx.insertObject(external);
        await postToLedger(context, row, [
          {
            amount: 1_000 + i,
            fee: 0,
            feeDetails: [],
            currency: "usd",
            type: "charge",
            source: "ch_bench",
            sourceType: "card",
            availableOn: payoutDay,
            description: null,
          },
        ]);
      }
    });
  await store.close();
  const running = await startCarabiner({ store: { file }, secretKeys: { keys: TEST_SECRET } });
  await running.clock.advance({ to: payoutDay / 1_000 - 1 });
  return running;
}

async function measure(): Promise<PayoutDay> {
  const perAccount = async (seconds: number): Promise<Cost> => {
    const started = performance.now();
    const busy = process.cpuUsage();
    await server.clock.advance({ seconds });
    const { user, system } = process.cpuUsage(busy);
    return { us: ((performance.now() - started) * 1_000) / accounts, cpuUs: (user + system) / accounts };
  };
  const day = await perAccount(DAY_S);
  // Over a weekend, if there is one: business days count.
  const arrival = await perAccount(4 * DAY_S);
  const list = (await call("/v1/accounts?limit=100")) as { data: { id: string }[] };
  const some = list.data.map(({ id }) => id);
  const [account = ""] = some;
  const { data: payouts } = (await call("/v1/payouts", account)) as { data: { id: string; status: string }[] };
  if (payouts.length !== 1 || payouts[0]?.status !== "paid") throw new Error(`an account was not paid: ${JSON.stringify(payouts)}`);
  return {
    day,
    arrival,
    list: await look((i) => call("/v1/payouts?limit=10", some[i % some.length])),
    retrieve: await look(() => call(`/v1/payouts/${payouts[0]?.id}`, account)),
    accounts: await look(() => call("/v1/accounts?limit=10")),
  };
}

async function call(path: string, account?: string): Promise<unknown> {
  const headers = {
    authorization: `Bearer ${server.keys.test.secret}`,
    ...(account === undefined ? {} : { "stripe-account": account }),
  };
  const response = await fetch(server.url + path, { headers });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

async function look(ask: (index: number) => Promise<unknown>): Promise<Look> {
  const times: number[] = [];
  const busy = process.cpuUsage();
  for (let i = 0; i < LOOKS; i++) {
    const started = performance.now();
    await ask(i);
    times.push(performance.now() - started);
  }
  const { user, system } = process.cpuUsage(busy);
  return { ms: median(times), cpuMs: (user + system) / 1_000 / LOOKS };
}
