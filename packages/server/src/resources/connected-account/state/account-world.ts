import type { Limits } from "../../../limits.ts";
import type { BatchReads } from "../../../store/contract/batch-reads.ts";
import type { AccountRow, ObjectRow } from "../../../store/contract/rows.ts";
import { type AccountState, readAccountState } from "./account-state.ts";
import { EXTERNAL_ACCOUNT, type ExternalAccount, readExternalAccount } from "./external-account-state.ts";
import { type Person, readPerson } from "./person-state.ts";

/** An account with all objects that affect its requirements. */
export interface AccountWorld {
  /** Its `data` is the state as read. */
  row: AccountRow;
  state: AccountState;
  /** Oldest first. */
  persons: readonly Person[];
  /** In both modes, oldest first. */
  externalAccounts: readonly ExternalAccount[];
  /** The customer that it is to the platform that created it; null if it was never a customer. */
  customer: ObjectRow | null;
}

/** The modes in which an account may have bank accounts and cards. */
const MODES: readonly boolean[] = [false, true];

/** Reads an account's world. */
export async function readAccountWorld(reads: BatchReads, row: AccountRow, limits: Limits): Promise<AccountWorld> {
  const [world] = await readAccountWorlds(reads, [row], limits);
  return world as AccountWorld;
}

/** Reads the worlds of several accounts, in their order, without a separate statement for each. */
export async function readAccountWorlds(reads: BatchReads, rows: readonly AccountRow[], limits: Limits): Promise<AccountWorld[]> {
  const states = rows.map(({ data }) => readAccountState(data));
  const persons = rows.map(({ id: accountId }, n) => ({
    accountId,
    livemode: (states[n] as AccountState).livemode,
    object: "person",
    limit: limits.personsPerAccount,
  }));
  const externalAccounts = rows.flatMap(({ id: accountId }) =>
    MODES.map((livemode) => ({ accountId, livemode, object: EXTERNAL_ACCOUNT, limit: limits.externalAccountsPerMode })),
  );
  const found = await reads.newestObjects([...persons, ...externalAccounts]);
  const foundOf = (first: number, count: number): ObjectRow[] => found.slice(first, first + count).flat();
  const customers = await reads.objectsById(states.flatMap(({ configured: { customer } }) => (customer === undefined ? [] : [customer])));
  return rows.map((row, n) => {
    const state = states[n] as AccountState;
    const { customer } = state.configured;
    return {
      row,
      state,
      customer: customer === undefined ? null : (customers.get(customer) ?? null),
      persons: foundOf(n, 1).reverse().map(readPerson),
      externalAccounts: foundOf(rows.length + n * MODES.length, MODES.length)
        .map(readExternalAccount)
        .sort((one, other) => one.row.created - other.row.created || (orderOf(one) < orderOf(other) ? -1 : 1)),
    };
  });
}

/** The part of an id after its prefix (`ba_`, `card_`), which sorts by time. */
const orderOf = ({ row }: ExternalAccount): string => row.id.slice(row.id.indexOf("_"));

/** The bank accounts and cards of one mode, oldest first. */
export function externalAccountsIn(world: Pick<AccountWorld, "externalAccounts">, livemode: boolean): ExternalAccount[] {
  return world.externalAccounts.filter(({ row }) => row.livemode === livemode);
}
