import { operation, type Resource } from "../operations/operation.ts";
import { params } from "../operations/parameters.ts";
import { accessibleAccount } from "../resources/access/accessible-account.ts";
import { figuresOf } from "./figures-of.ts";

/** The results of delivering an account's events to the caller's endpoints. */
export const accountFigures: Resource = {
  object: "account_figures",
  expandable: {},
  operations: [
    operation({
      method: "GET",
      path: "/console/accounts/:account/figures",
      params: params({}),
      async run(context, _, path) {
        const { tx, limits, livemode } = context;
        const { id } = await accessibleAccount(context, path.account ?? "");
        const owner = { accountId: context.account.id, livemode };
        const outcomes = await tx.recentOutcomes({ eventAccountId: id, owner }, limits.figuresAccountEvents);
        return { object: "account_figures", account: id, livemode, ...figuresOf(outcomes) };
      },
    }),
  ],
};
