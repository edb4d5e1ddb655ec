import { apiError } from "@carabiner/protocol";
import type { Static } from "typebox";
import { mergeMetadata } from "../../operations/parameters.ts";
import { withOwnershipDocument } from "../connected-account/rendering/ownership-check.ts";
import { IDENTITY_DOCUMENTS } from "../connected-account/requirements/magic-values.ts";
import type { AccountWorld } from "../connected-account/state/account-world.ts";
import type { ExternalAccount, ExternalAccountState } from "../connected-account/state/external-account-state.ts";
import type { updateExternalAccountParameters } from "./external-account-parameters.ts";
import { checkExpiry } from "./judge-card.ts";

/** The parameters of a bank account or card. */
export type ExternalAccountChange = Omit<Static<typeof updateExternalAccountParameters>, "expand">;

/** The parameters that only one kind has. */
const OF_ONE_KIND: Readonly<Record<ExternalAccountState["kind"], readonly (keyof ExternalAccountChange)[]>> = {
  bank_account: ["account_holder_name", "account_holder_type", "account_type", "documents"],
  card: [
    "address_city",
    "address_country",
    "address_line1",
    "address_line2",
    "address_state",
    "address_zip",
    "exp_month",
    "exp_year",
    "name",
  ],
};

/** The world with one external account changed; unchanged when the id is unknown. */
export function changeExternalAccount(
  world: AccountWorld,
  id: string,
  change: (state: ExternalAccountState) => ExternalAccountState,
): AccountWorld {
  const changed = (one: ExternalAccount): ExternalAccount => {
    if (one.row.id !== id) return one;
    const state = change(one.state);
    return state === one.state ? one : { ...one, state };
  };
  return { ...world, externalAccounts: world.externalAccounts.map(changed) };
}

/** The world with one external account as the only default of its mode and currency. */
export function makeDefault(world: AccountWorld, id: string): AccountWorld {
  const chosen = world.externalAccounts.find(({ row }) => row.id === id);
  if (chosen === undefined) return world;
  const { currency } = chosen.state;
  const marked = (one: ExternalAccount): ExternalAccount => {
    if (one.row.livemode !== chosen.row.livemode || one.state.currency !== currency) return one;
    const defaultForCurrency = one === chosen;
    return one.state.defaultForCurrency === defaultForCurrency ? one : { ...one, state: { ...one.state, defaultForCurrency } };
  };
  return { ...world, externalAccounts: world.externalAccounts.map(marked) };
}

/**
 * An external account with parameters applied. Any update, even an empty one, makes an `errored` one usable again. A
 * bank account with a pending ownership check receives its documents here. `now` is in Unix milliseconds. Throws
 * `parameter_unknown` for fields that its kind lacks, and an error of the table for a value that a schema cannot
 * refuse.
 * Source: https://docs.stripe.com/api/external_account_bank_accounts/update
 */
export function toldExternalAccount(
  before: ExternalAccountState,
  { default_for_currency: _, metadata, documents, ...told }: ExternalAccountChange,
  { now, ownershipCheckMs, livemode }: { now: number; ownershipCheckMs: number; livemode: boolean },
): ExternalAccountState {
  const given = { ...told, ...(documents === undefined ? {} : { documents }) };
  for (const name of OF_ONE_KIND[before.kind === "card" ? "bank_account" : "card"])
    if (Object.hasOwn(given, name)) throw apiError("parameter_unknown", { param: name });
  const types = before.country === "JP" ? ["futsu", "toza"] : ["checking", "savings"];
  if (told.account_type !== undefined && !types.includes(told.account_type))
    throw apiError("parameter_invalid_enum", { param: "account_type", values: types.join(", ") });
  const shown = { ...before.shown, ...told };
  if (told.exp_month !== undefined || told.exp_year !== undefined) {
    const { exp_month, exp_year } = shown as unknown as { exp_month: number; exp_year: number };
    const year = exp_year < 100 ? exp_year + 2_000 : exp_year;
    checkExpiry({ exp_month, exp_year: year }, now, null);
    shown.exp_year = year;
  }
  const after: ExternalAccountState = {
    ...before,
    shown,
    metadata: mergeMetadata(before.metadata, metadata),
    status: before.status === "errored" ? restingStatus(before) : before.status,
  };
  const files = documents?.bank_account_ownership_verification?.files ?? [];
  return files.length === 0 ? after : withDocuments(after, files, { now, ownershipCheckMs, livemode });
}

/** A bank account with documents for its ownership check. In test mode a file named for a failed verification fails. */
export function withDocuments(
  state: ExternalAccountState,
  files: readonly string[],
  { now, ownershipCheckMs, livemode }: { now: number; ownershipCheckMs: number; livemode: boolean },
): ExternalAccountState {
  const fails = !livemode && files.some((file) => (IDENTITY_DOCUMENTS[file] ?? null) !== null);
  return withOwnershipDocument(state, {
    dueAt: now + ownershipCheckMs,
    result: fails ? "verification_document_failed_test_mode" : "verified",
  });
}

/** The status of an external account without a failed payout. */
function restingStatus({ ownership }: ExternalAccountState): ExternalAccountState["status"] {
  const questioned = ownership !== undefined && ownership.stage !== "checking";
  return questioned ? "verification_failed" : "new";
}
