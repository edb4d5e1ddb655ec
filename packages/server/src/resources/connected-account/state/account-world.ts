import type { Limits } from "../../../limits.ts";
import type { AccountRow, ObjectRow } from "../../../store/contract/rows.ts";
import type { Reads } from "../../../store/contract/transaction.ts";
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
  /** Of both modes, oldest first. */
  externalAccounts: readonly ExternalAccount[];
  /** The customer that it is to the platform that created it; null if it never was one. */
  customer: ObjectRow | null;
}

/** Reads an account's world. */
export async function readAccountWorld(reads: Reads, row: AccountRow, limits: Limits): Promise<AccountWorld> {
  const state = readAccountState(row.data);
  const owned = { accountId: row.id, livemode: state.livemode };
  const persons = await reads.objects({ ...owned, object: "person" }, { limit: limits.personsPerAccount });
  const externalAccounts: ExternalAccount[] = [];
  for (const livemode of [false, true]) {
    const { rows } = await reads.objects(
      { accountId: row.id, livemode, object: EXTERNAL_ACCOUNT },
      { limit: limits.externalAccountsPerMode },
    );
    externalAccounts.push(...rows.map(readExternalAccount));
  }
  const { customer } = state.configured;
  return {
    row,
    state,
    customer: customer === undefined ? null : await reads.object(customer),
    persons: persons.rows.reverse().map(readPerson),
    externalAccounts: externalAccounts.sort(
      (one, other) => one.row.created - other.row.created || (orderOf(one) < orderOf(other) ? -1 : 1),
    ),
  };
}

/** The part of an id after its prefix (`ba_`, `card_`), which sorts by time. */
const orderOf = ({ row }: ExternalAccount): string => row.id.slice(row.id.indexOf("_"));

/** The bank accounts and cards of one mode, oldest first. */
export function externalAccountsIn(world: Pick<AccountWorld, "externalAccounts">, livemode: boolean): ExternalAccount[] {
  return world.externalAccounts.filter(({ row }) => row.livemode === livemode);
}
