import { ApiError } from "@carabiner/protocol";
import { DEFAULT_LIMITS } from "../../../src/limits.ts";
import type { Operation, OperationContext } from "../../../src/operations/operation.ts";
import { WrittenAnswer } from "../../../src/operations/written-answer.ts";
import type { SourceType } from "../../../src/resources/balance/balance-state.ts";
import { postToLedger } from "../../../src/resources/balance/ledger.ts";
import { deriveWorld } from "../../../src/resources/connected-account/requirements/derive-world.ts";
import { writeAccountState } from "../../../src/resources/connected-account/state/account-state.ts";
import type { AccountType } from "../../../src/resources/connected-account/state/controller-properties.ts";
import {
  EXTERNAL_ACCOUNT,
  type ExternalAccountState,
  readExternalAccount,
  writeExternalAccount,
} from "../../../src/resources/connected-account/state/external-account-state.ts";
import { newAccount } from "../../../src/resources/connected-account/state/new-account.ts";
import { payouts } from "../../../src/resources/payouts/payouts.ts";
import { taskHandlers } from "../../../src/resources/task-handlers.ts";
import type { AccountRow, JsonObject } from "../../../src/store/contract/rows.ts";
import { entry, type LedgerFixture, ledgerFixture } from "../balance/ledger-fixture.ts";

export const BANK = "ba_1";

/**
 * An account with a bank account in the United States, whose payouts nothing blocks, and a clock that the test turns.
 */
export interface PayoutsFixture extends LedgerFixture {
  /** Funds that are available at once. */
  fund(amount: number, sourceType?: SourceType): Promise<void>;
  /** Calls an operation of payouts by its path, as the account itself or as its platform. */
  call(path: string, params?: JsonObject, id?: string, by?: "itself" | "platform"): Promise<JsonObject>;
  /** Turns the clock, and does what falls due at its own time. */
  advanceTo(time: number): Promise<void>;
  /** Changes the bank account. */
  changeBank(change: Partial<ExternalAccountState>): Promise<void>;
}

/**
 * `schedule`: how the account is paid out; `payouts`: its other settings of payouts. Connected to a platform, so that
 * its payouts can be reversed.
 */
export async function payoutsFixture(
  schedule: JsonObject,
  { type = "express", payouts: settings = {} }: { type?: AccountType; payouts?: JsonObject } = {},
): Promise<PayoutsFixture> {
  const fixture = await ledgerFixture();
  const { store, account: made } = fixture;
  const platform: AccountRow = { ...made, id: "acct_platform" };
  const asked = newAccount({ country: "US", type, livemode: false, exempt: true });
  const blank = {
    row: made,
    state: { ...asked, given: { settings: { payouts: { ...settings, schedule } } } },
    persons: [],
    externalAccounts: [],
    customer: null,
  };
  const { world } = deriveWorld(blank, fixture.now, DEFAULT_LIMITS);
  const account: AccountRow = { ...made, data: writeAccountState(world.state) };
  await store.transaction(async (tx) => {
    await tx.updateAccount(account);
    await tx.insertConnection({
      platformId: platform.id,
      accountId: account.id,
      livemode: false,
      created: made.created,
      controller: true,
      scope: "read_write",
    });
    const row = {
      id: BANK,
      object: EXTERNAL_ACCOUNT,
      accountId: account.id,
      livemode: false,
      parent: null,
      created: made.created,
      data: {},
    };
    const state: ExternalAccountState = {
      kind: "bank_account",
      country: "US",
      currency: "usd",
      defaultForCurrency: true,
      status: "new",
      shown: { available_payout_methods: ["standard", "instant"] },
      metadata: {},
      payoutOutcome: null,
    };
    await tx.insertObject(writeExternalAccount({ row, state }));
  });

  async function runDue(): Promise<void> {
    const ran = await fixture.change(async (context) => {
      const due = await context.tx.takeDueTasks(fixture.now, 100);
      for (const task of due) await taskHandlers[task.kind]?.(context, task);
      return due.length;
    });
    if (ran > 0) await runDue();
  }

  return Object.assign(fixture, {
    account,
    async fund(amount: number, sourceType: SourceType = "card") {
      await fixture.change((context) => postToLedger(context, account, [entry({ amount, sourceType, availableOn: fixture.now })]));
    },
    call: (path: string, params: JsonObject = {}, id = "", by: "itself" | "platform" = "itself") =>
      fixture.change((context) => {
        const operation = payouts.operations.find((one) => one.path === path && one.method === "POST");
        if (operation === undefined) throw new Error(`There is no operation at ${path}.`);
        const asking: OperationContext = {
          ...context,
          caller: by === "itself" ? account : platform,
          account,
          application: null,
          keyHint: "sk_test_…",
          keyHash: "",
          apiVersion: "2026-10-28.endive",
          request: { id: "req_1", idempotencyKey: null },
          byOperator: false,
          checkMay: () => undefined,
          clientIp: null,
          upload: null,
        };
        return done(operation.run(asking, params, { payout: id }));
      }),
    async advanceTo(time: number) {
      for (;;) {
        const next = await store.nextTaskAt();
        if (next === null || next > time) break;
        fixture.now = Math.max(fixture.now, next);
        await runDue();
      }
      fixture.now = time;
    },
    async changeBank(change: Partial<ExternalAccountState>) {
      await fixture.change(async ({ tx }) => {
        const row = await tx.object(BANK);
        if (row === null) throw new Error("The bank account has gone.");
        const one = readExternalAccount(row);
        await tx.updateObject(writeExternalAccount({ ...one, state: { ...one.state, ...change } }));
      });
    },
  });
}

/** What an operation answered that could not but succeed or throw. */
async function done(answered: ReturnType<Operation["run"]>): Promise<JsonObject> {
  const answer = await answered;
  if (answer instanceof ApiError) throw answer;
  return answer instanceof WrittenAnswer ? answer.read() : answer;
}
