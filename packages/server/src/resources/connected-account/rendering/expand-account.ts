import { expander } from "../../../operations/expandable.ts";
import { accessibleAccount } from "../../access/accessible-account.ts";
import { renderAccount } from "./render-account.ts";

/** The account that an answer names, which whoever sees the answer has access to. */
export const expandAccount = expander(["account"], async (context, id) => renderAccount(context, await accessibleAccount(context, id)));
