import type { Expander } from "../operation.ts";
import { accessibleAccount } from "./accessible-account.ts";
import { renderAccount } from "./render-account.ts";

/** The account that an answer names, which whoever sees the answer has access to. */
export const expandAccount: Expander = async (context, id) => renderAccount(context, await accessibleAccount(context, id));
