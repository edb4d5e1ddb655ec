import { apiError, type IdKind } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../operations/as-json.ts";
import type { OperationContext } from "../../operations/operation.ts";
import { ownedRow } from "../../operations/owned-row.ts";
import type { JsonObject, ObjectRow } from "../../store/contract/rows.ts";
import { insertUntil } from "../access/forget-task.ts";
import { keeping, kept } from "../access/secret-row.ts";
import type { TokenFindings } from "../connected-account/requirements/submission.ts";
import { givenAt } from "../connected-account/v2/path.ts";

/** What a token of the v2 API describes: an account, or a person of one account. */
export type V2TokenKind = "account_token" | "account_person_token";

const ID_KINDS: Readonly<Record<V2TokenKind, IdKind>> = { account_token: "v2_account_token", account_person_token: "v2_person_token" };

/** What a token keeps. */
export interface V2TokenContent {
  /** The parameters that its use applies, under v1's names, without secrets. */
  kept: JsonObject;
  /** The judgements made when it was created. */
  found: TokenFindings;
  /**
   * The parameters it was created with, which a call that uses it may not also set: `given_name`,
   * `identity.individual`.
   */
  told: readonly string[];
}

interface V2TokenState extends V2TokenContent {
  /** Unix milliseconds. */
  expiresAt: number;
  used: boolean;
}

/** Makes a token. `ofAccount` is the account whose person it is for; null for a token for an account. */
export async function makeV2Token(
  { tx, now, ids, livemode, limits, account }: OperationContext,
  kind: V2TokenKind,
  { ofAccount, ...content }: V2TokenContent & { ofAccount: string | null },
): Promise<JsonObject> {
  const state: V2TokenState = { ...content, expiresAt: now + limits.v2TokenMs, used: false };
  const row: ObjectRow = {
    id: ids.newId(ID_KINDS[kind], now),
    object: `v2.core.${kind}`,
    accountId: account.id,
    livemode,
    parent: ofAccount,
    created: now,
    data: keeping(state),
  };
  await insertUntil(tx, row, now + limits.v2TokenKeptMs);
  return renderV2Token(row);
}

/** A token as the v2 API shows it. Source: https://docs.stripe.com/api/v2/core/account-tokens/object */
export function renderV2Token(row: ObjectRow): JsonObject {
  const { expiresAt, used } = kept<V2TokenState>(row);
  return asJson({
    id: row.id,
    object: row.object as "v2.core.account_token",
    created: new Date(row.created).toISOString(),
    expires_at: new Date(expiresAt).toISOString(),
    livemode: row.livemode,
    used,
  } satisfies Stripe.V2.Core.AccountToken);
}

/** How a token of the v2 API is used. */
interface V2TokenUse {
  kind: V2TokenKind;
  /** The account whose person it is for; null for a token for an account. */
  ofAccount: string | null;
  /** The parameter that holds it. */
  param: string;
  /** The parameters that the call gives in addition. */
  besides: JsonObject;
}

/**
 * Consumes a token. Throws `resource_missing` for one that does not exist or belongs to another platform or another
 * account's persons, `resource_in_other_mode`, `token_expired`, `token_already_used`, and `parameters_exclusive` for a
 * parameter that the token was created with and that the call also gives.
 */
export async function useV2Token(
  { tx, account, caller, livemode, now }: OperationContext,
  id: string,
  { kind, ofAccount, param, besides }: V2TokenUse,
): Promise<V2TokenContent> {
  const found = await tx.object(id);
  const fits = found?.object === `v2.core.${kind}` && found.parent === ofAccount;
  const maker = found?.accountId === caller.id ? caller : account;
  const row = ownedRow(fits ? found : null, { account: maker, livemode }, "token", id, param);
  const state = kept<V2TokenState>(row);
  if (state.used) throw apiError("token_already_used", { id, param });
  if (now >= state.expiresAt) throw apiError("token_expired", { id, param });
  const both = state.told.find((path) => givenAt(besides, path) !== undefined);
  if (both !== undefined) throw apiError("parameters_exclusive", { param: both.replace(".", "[").replace(/(\[.*)$/, "$1]"), other: param });
  // It can be used only once, so its content is not needed again.
  await tx.updateObject({ ...row, data: keeping({ ...state, kept: {}, found: {}, told: [], used: true } satisfies V2TokenState) });
  return state;
}
