import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { olderPaths } from "../../operations/older-paths.ts";
import { type Operation, type OperationContext, operation, type Resource } from "../../operations/operation.ts";
import { ownedRow } from "../../operations/owned-row.ts";
import { pageAsked } from "../../operations/page-asked.ts";
import { pageOf } from "../../operations/page-of.ts";
import { choice, listAnswer, mergeMetadata, optional, pageProperties, params } from "../../operations/parameters.ts";
import type { AccountRow } from "../../store/contract/rows.ts";
import { accessibleAccount } from "../access/accessible-account.ts";
import { changeAccountWorld } from "../account-changes/change-account-world.ts";
import { viewOf } from "../connected-account/rendering/account-view.ts";
import { expandAccount } from "../connected-account/rendering/expand-account.ts";
import { renderExternalAccount } from "../connected-account/rendering/render-external-account.ts";
import { readAccountState } from "../connected-account/state/account-state.ts";
import { type AccountWorld, externalAccountsIn, readAccountWorld } from "../connected-account/state/account-world.ts";
import type { ExternalAccount } from "../connected-account/state/external-account-state.ts";
import { addExternalAccount, removeExternalAccount } from "./add-external-account.ts";
import { changeExternalAccount, makeDefault, toldExternalAccount } from "./change-external-account.ts";
import { createExternalAccountParameters, updateExternalAccountParameters } from "./external-account-parameters.ts";
import { givenExternalAccount } from "./given-external-account.ts";
import { paidByParameter } from "./paid-by-parameter.ts";

const calls: readonly Operation[] = [
  operation({
    method: "POST",
    path: "/v1/accounts/:account/external_accounts",
    params: createExternalAccountParameters,
    async run(context, { external_account, bank_account, default_for_currency: asked, metadata }, path) {
      const row = await changeableAccount(context, path.account ?? "");
      const paidBy = paidByParameter({ external_account, bank_account });
      if (paidBy === null) throw apiError("parameter_missing", { param: "external_account" });
      const { given, param } = paidBy;
      const world = await readAccountWorld(context.tx, row, context.limits);
      const added = await givenExternalAccount(context, given, world, param);
      const wanted = asked ?? (typeof given === "string" ? undefined : given.default_for_currency);
      const after = addExternalAccount(world, {
        ...added,
        metadata: mergeMetadata(added.metadata, metadata),
        makeDefault: wanted === true,
      });
      return shown(await changeAccountWorld(context, world, after), added.id);
    },
  }),
  operation({
    method: "GET",
    path: "/v1/accounts/:account/external_accounts",
    params: coversStripeParams<Stripe.AccountListExternalAccountsParams>()(
      params({ ...pageProperties, object: optional(choice(["bank_account", "card"])) }),
    ),
    async run(context, { object, ...page }, path) {
      const row = await readableAccount(context, path.account ?? "");
      const all = externalAccountsIn(await readAccountWorld(context.tx, row, context.limits), context.livemode).reverse();
      const found = all.filter(({ state }) => object === undefined || state.kind === object);
      const cursors = { name: "external account", knows: async (id: string) => all.some((one) => one.row.id === id) };
      const { rows, hasMore } = pageOf(found, ({ row: { id } }) => id, await pageAsked(page, context.limits, cursors));
      return listAnswer(
        `/v1/accounts/${row.id}/external_accounts`,
        rows.map((one) => asJson(renderExternalAccount(one))),
        hasMore,
      );
    },
  }),
  operation({
    method: "GET",
    path: "/v1/accounts/:account/external_accounts/:external_account",
    params: params({}),
    async run(context, _, path) {
      const row = await readableAccount(context, path.account ?? "");
      const world = await readAccountWorld(context.tx, row, context.limits);
      return asJson(renderExternalAccount(one(context, world, path.external_account ?? "")));
    },
  }),
  operation({
    method: "POST",
    path: "/v1/accounts/:account/external_accounts/:external_account",
    params: updateExternalAccountParameters,
    async run(context, { expand: _, ...told }, path) {
      const row = await updatableAccount(context, path.account ?? "");
      const world = await readAccountWorld(context.tx, row, context.limits);
      const { id } = one(context, world, path.external_account ?? "").row;
      const { now, livemode, limits } = context;
      const changed = changeExternalAccount(world, id, (state) =>
        toldExternalAccount(state, told, { now, livemode, ownershipCheckMs: limits.ownershipCheckMs }),
      );
      const after = told.default_for_currency === true ? makeDefault(changed, id) : changed;
      return shown(await changeAccountWorld(context, world, after), id);
    },
  }),
  operation({
    method: "DELETE",
    path: "/v1/accounts/:account/external_accounts/:external_account",
    params: params({}),
    async run(context, _, path) {
      const row = await changeableAccount(context, path.account ?? "");
      const world = await readAccountWorld(context.tx, row, context.limits);
      const gone = one(context, world, path.external_account ?? "");
      await changeAccountWorld(context, world, removeExternalAccount(world, gone));
      return asJson({ id: gone.row.id, object: gone.state.kind, deleted: true } satisfies Stripe.DeletedExternalAccount);
    },
  }),
];

/**
 * The bank accounts and cards that receive an account's payouts.
 * Source: https://docs.stripe.com/api/external_accounts
 */
export const externalAccounts: Resource = {
  object: "bank_account",
  expandable: { account: expandAccount, customer: null },
  operations: [
    ...calls,
    // Older code lists bank accounts as external accounts, and names each of them below another path.
    ...olderPaths(calls, "/external_accounts", "/bank_accounts").filter(
      ({ method, path }) => method !== "GET" || path.endsWith("/:external_account"),
    ),
  ],
};

/** External accounts include cards, which have their own expandable fields. */
export const cards: Resource = { object: "card", expandable: { account: expandAccount, customer: null }, operations: [] };

/** An account's external account in the call's mode. Throws as `ownedRow` does. */
function one({ livemode }: OperationContext, world: AccountWorld, id: string): ExternalAccount {
  const found = world.externalAccounts.find(({ row }) => row.id === id);
  ownedRow(found?.row ?? null, { account: world.row, livemode }, "external account", id);
  return found as ExternalAccount;
}

function shown(world: AccountWorld, id: string) {
  return asJson(renderExternalAccount(world.externalAccounts.find(({ row }) => row.id === id) as ExternalAccount));
}

/**
 * The account a path names, if the call may see its external accounts: the account itself, its creator, or its
 * controller. Throws `account_invalid` or `external_accounts_forbidden`.
 */
async function readableAccount(context: OperationContext, id: string): Promise<AccountRow> {
  const row = await accessibleAccount(context, id);
  const view = await viewOf(context, { row, state: readAccountState(row.data) });
  if (!view.full) throw apiError("external_accounts_forbidden", { account: id, reason: "your platform neither made nor controls it" });
  return row;
}

/**
 * The same, if the call may also change them: the platform collects the account's requirements, as for Custom accounts.
 * Source: https://docs.stripe.com/api/external_account_bank_accounts/update
 */
async function changeableAccount(context: OperationContext, id: string): Promise<AccountRow> {
  if (id === context.caller.id) throw apiError("account_own_update");
  const row = await readableAccount(context, id);
  if (readAccountState(row.data).controller.requirementCollection !== "application")
    throw apiError("external_accounts_forbidden", {
      account: id,
      reason: "its bank accounts and cards are for itself to change, since controller[requirement_collection] is not 'application'",
    });
  return row;
}

/**
 * The same, and also allows a platform of this server itself. Stripe does this in its Dashboard. Without it, a failed
 * payout would leave the platform permanently without a bank account.
 */
async function updatableAccount(context: OperationContext, id: string): Promise<AccountRow> {
  const own = id === context.caller.id && readAccountState(context.caller.data).exempt;
  return own ? context.caller : changeableAccount(context, id);
}
