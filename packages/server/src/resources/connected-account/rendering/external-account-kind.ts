import { asJson } from "../../../operations/as-json.ts";
import type { ObjectKind } from "../../../operations/object-kind.ts";
import { EXTERNAL_ACCOUNT, readExternalAccount } from "../state/external-account-state.ts";
import { renderExternalAccount } from "./render-external-account.ts";

export const EXTERNAL_ACCOUNT_KIND: ObjectKind = {
  object: EXTERNAL_ACCOUNT,
  name: "external account",
  shownAs: ["bank_account", "card"],
  show: (row) => asJson(renderExternalAccount(readExternalAccount(row))),
};
