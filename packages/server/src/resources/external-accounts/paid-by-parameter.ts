import { apiError } from "@carabiner/protocol";
import type { Static } from "typebox";
import type { bankAccountParameter } from "./external-account-parameters.ts";
import type { ExternalAccountGiven } from "./judge-external-account.ts";

/** The external account to add, and the parameter that holds it. */
export interface PaidBy {
  given: ExternalAccountGiven;
  param: "external_account" | "bank_account";
}

/** The value of `external_account` or of its older name; null without either. Throws `parameters_exclusive`. */
export function paidByParameter({
  external_account,
  bank_account,
}: {
  external_account: ExternalAccountGiven | undefined;
  bank_account: Static<ReturnType<typeof bankAccountParameter>> | undefined;
}): PaidBy | null {
  if (external_account !== undefined && bank_account !== undefined)
    throw apiError("parameters_exclusive", { param: "bank_account", other: "external_account" });
  if (external_account !== undefined) return { given: external_account, param: "external_account" };
  if (bank_account === undefined) return null;
  return { given: typeof bank_account === "string" ? bank_account : { ...bank_account, object: "bank_account" }, param: "bank_account" };
}
