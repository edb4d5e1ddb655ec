import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import { inFull, listInFull } from "../../operations/expandable.ts";
import { type OperationContext, operation, type Resource } from "../../operations/operation.ts";
import { pageAsked } from "../../operations/page-asked.ts";
import { choice, listAnswer, optional, pageProperties, params, timeFilter } from "../../operations/parameters.ts";
import { timeRange } from "../../operations/time-range.ts";
import type { AccountRow, JsonObject } from "../../store/contract/rows.ts";
import { accessibleAccount, actingApplication, othersAccount } from "../access/accessible-account.ts";
import { changeAccountWorld, createAccountWorld } from "../account-changes/change-account-world.ts";
import { renderAccount, renderAccountWorld } from "../connected-account/rendering/render-account.ts";
import { renderAccounts } from "../connected-account/rendering/render-accounts.ts";
import { type AccountState, type RejectionReason, readAccountState } from "../connected-account/state/account-state.ts";
import { type AccountWorld, readAccountWorld } from "../connected-account/state/account-world.ts";
import { isControlled, type KindAsked, kindAsked } from "../connected-account/state/controller-properties.ts";
import { currencyOf } from "../connected-account/state/countries.ts";
import { newAccount } from "../connected-account/state/new-account.ts";
import { refuseShorterDelay } from "../connected-account/state/payout-schedule.ts";
import { replaceExternalAccount } from "../external-accounts/add-external-account.ts";
import { givenExternalAccount } from "../external-accounts/given-external-account.ts";
import { type PaidBy, paidByParameter } from "../external-accounts/paid-by-parameter.ts";
import { withOwnershipDocuments } from "../external-accounts/with-ownership-documents.ts";
import { expandFile } from "../files/files.ts";
import { createAccountParameters, updateAccountParameters } from "./account-parameters.ts";
import { changeAccount } from "./change-account.ts";
import { checkKindIsKnown, checkTold } from "./check-told.ts";
import { withDefaultMcc } from "./default-mcc.ts";
import { deleteAccount } from "./delete-account.ts";
import { withTokens } from "./tokens-of-account.ts";

/**
 * The reasons for rejecting an account, and the disabled reason that the account shows.
 * Source: https://docs.stripe.com/api/account/reject
 */
const REASONS: Readonly<Record<string, RejectionReason>> = {
  credit: "other",
  fraud: "fraud",
  fraud_no_intent_to_fulfill: "fraud",
  fraud_other: "fraud",
  fraud_payment_method_casher: "fraud",
  fraud_payment_method_tester: "fraud",
  other: "other",
  terms_of_service: "terms_of_service",
};

/** The caller's own account, and those connected to it. Source: https://docs.stripe.com/api/accounts */
export const accounts: Resource = {
  object: "account",
  expandable: {
    "company.verification.document.back": expandFile,
    "company.verification.document.front": expandFile,
    external_accounts: listInFull("bank_account", "card"),
    individual: inFull("person"),
    "settings.branding.icon": expandFile,
    "settings.branding.logo": expandFile,
  },
  operations: [
    operation({
      method: "GET",
      path: "/v1/account",
      params: params({}),
      run: (context) => renderAccount(context, context.account),
    }),
    operation({
      method: "POST",
      path: "/v1/accounts",
      ownKeysOnly: true,
      params: createAccountParameters,
      async run(context, given) {
        const { account: platform, livemode, now, ids } = context;
        const application = await actingApplication(context);
        if (application === null) throw apiError("connect_not_signed_up");
        const { type, controller, country: asked, external_account, bank_account, expand: _, ...told } = given;
        const paidBy = paidByParameter({ external_account, bank_account });
        const id = ids.newId("account", now);
        const { change: asTold, found } = await withTokens(context, told, id);
        const change = withDefaultMcc(asTold, readAccountState(platform.data));
        const kind = kindAsked({ type, controller } as KindAsked);
        const country = asked?.toUpperCase() ?? readAccountState(platform.data).country;
        if (currencyOf(country) === undefined) throw apiError("country_unsupported", { value: country, param: "country" });
        const row: AccountRow = { id, created: now, apiVersion: platform.apiVersion, deleted: false, data: {} };
        const state = newAccount({ country, type: kind.type, controller: kind.properties, createdBy: platform.id, livemode });
        const blank: AccountWorld = { row, state, persons: [], externalAccounts: [], customer: null };
        checkTold(blank, change);
        checkKindIsKnown(blank, change);
        refuseShorterDelay(change as JsonObject, country, readAccountState(platform.data));
        const made = changeAccount(blank, change, { id: ids.newId("person", now), now, livemode, found });
        const paidTo = paidBy === null ? made : await withExternalAccount(context, made, paidBy);
        return renderAccountWorld(context, await createAccountWorld(context, paidTo, { application, controller: isControlled(kind.type) }));
      },
    }),
    operation({
      method: "GET",
      path: "/v1/accounts",
      ownKeysOnly: true,
      params: params({ ...pageProperties, created: optional(timeFilter()) }),
      async run(context, { created, ...page }) {
        const { tx, account, livemode, limits } = context;
        const { rows, hasMore } = await tx.connectedAccounts(
          { platformId: account.id, livemode, ...(created === undefined ? {} : { created: timeRange(created) }) },
          await pageAsked(page, limits, { name: "account", knows: (id) => wasConnected(context, id) }),
        );
        return listAnswer("/v1/accounts", await renderAccounts(context, rows), hasMore);
      },
    }),
    operation({
      method: "GET",
      path: "/v1/accounts/:account",
      params: params({}),
      async run(context, _, path) {
        return renderAccount(context, await accessibleAccount(context, path.account ?? ""));
      },
    }),
    operation({
      method: "POST",
      path: "/v1/accounts/:account",
      params: updateAccountParameters,
      async run(context, { external_account, bank_account, expand: _, ...told }, path) {
        const { now, livemode, ids } = context;
        const paidBy = paidByParameter({ external_account, bank_account });
        const row = await othersAccount(context, path.account ?? "");
        const { change, found } = await withTokens(context, told, row.id);
        const individual = { id: ids.newId("person", now), now, livemode, found };
        return update(context, row, async (world) => {
          checkTold(world, change);
          checkKindIsKnown(world, change);
          refuseShorterDelay(change as JsonObject, world.state.country, readAccountState(context.caller.data));
          const changed = withOwnershipDocuments(context, changeAccount(world, change, individual), change);
          return paidBy === null ? changed : withExternalAccount(context, changed, paidBy);
        });
      },
    }),
    operation({
      method: "DELETE",
      path: "/v1/accounts/:account",
      params: params({}),
      async run(context, _, path) {
        const row = await accessibleAccount(context, path.account ?? "");
        await deleteAccount(context, row);
        return asJson({ id: row.id, object: "account", deleted: true } satisfies Stripe.DeletedAccount);
      },
    }),
    operation({
      method: "POST",
      path: "/v1/accounts/:account/reject",
      params: params({
        reason: choice(Object.keys(REASONS)),
        payouts_action: optional(choice(["none", "pause"])),
      }),
      async run(context, { reason, payouts_action }, path) {
        const row = await othersAccount(context, path.account ?? "");
        const state = readAccountState(row.data);
        refuseUnlessPlatformBearsLosses(state, "rejected");
        const rejection = { reason: REASONS[reason] ?? "other", pausesPayouts: payouts_action !== "none" };
        return update(context, row, (world) => ({ ...world, state: { ...world.state, rejection } }));
      },
    }),
    operation({
      method: "POST",
      path: "/v1/accounts/:account/unreject",
      params: params({}),
      async run(context, _, path) {
        const row = await othersAccount(context, path.account ?? "");
        const state = readAccountState(row.data);
        refuseUnlessPlatformBearsLosses(state, "unrejected");
        if (state.rejection === null) throw apiError("account_reject_refused", { what: "unrejected", reason: "it has not been rejected" });
        return update(context, row, (world) => ({ ...world, state: { ...world.state, rejection: null } }));
      },
    }),
  ],
};

/**
 * Whether a platform may name an account as a cursor: it is connected to the platform, or was created by it and deleted
 * since.
 */
export async function wasConnected({ tx, account }: OperationContext, id: string): Promise<boolean> {
  const row = await tx.account(id);
  if (row === null) return false;
  return readAccountState(row.data).createdBy === account.id || (await tx.connections(account.id, id)).length > 0;
}

/** Changes an account, and records the events. */
async function update(
  context: OperationContext,
  row: AccountRow,
  change: (world: AccountWorld) => AccountWorld | Promise<AccountWorld>,
): Promise<JsonObject> {
  const world = await readAccountWorld(context.tx, row, context.limits);
  return renderAccountWorld(context, await changeAccountWorld(context, world, await change(world)));
}

/**
 * Replaces the account's default external account for the currency with the one in the request. Once its details are
 * submitted, only the account itself may do so, unless the platform collects its requirements: otherwise throws
 * `external_accounts_forbidden`.
 * Source: https://docs.stripe.com/api/accounts/update
 */
async function withExternalAccount(context: OperationContext, world: AccountWorld, { given, param }: PaidBy): Promise<AccountWorld> {
  const { controller, derived } = world.state;
  if (controller.requirementCollection !== "application" && derived.detailsSubmitted)
    throw apiError("external_accounts_forbidden", {
      account: world.row.id,
      reason: "it has submitted its details, and changes them itself",
    });
  return replaceExternalAccount(world, await givenExternalAccount(context, given, world, param));
}

function refuseUnlessPlatformBearsLosses({ controller }: AccountState, what: "rejected" | "unrejected"): void {
  if (controller.losses !== "application")
    throw apiError("account_reject_refused", { what, reason: "its losses are not borne by the platform" });
}
