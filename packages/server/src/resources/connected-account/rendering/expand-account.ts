import { expander } from "../../../operations/expandable.ts";
import { accessibleAccount } from "../../access/accessible-account.ts";
import { renderAccount } from "./render-account.ts";

/** Loads an account named in a response, which everyone who sees the response may access. */
export const expandAccount = expander(["account"], async (context, id) => renderAccount(context, await accessibleAccount(context, id)));
