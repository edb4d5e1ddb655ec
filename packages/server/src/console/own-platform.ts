import { apiError } from "@carabiner/protocol";
import { type OperationContext, operation, type Resource } from "../operations/operation.ts";
import { params } from "../operations/parameters.ts";
import type { AccountRow } from "../store/contract/rows.ts";
import { platformAnswer, platformProperties, updatePlatform } from "./update-platform.ts";

/** A platform's own settings, which apply in both modes. */
export const ownPlatform: Resource = {
  object: "platform",
  expandable: {},
  operations: [
    operation({
      method: "GET",
      path: "/console/platform",
      params: params({}),
      run: (context) => platformAnswer(context.tx, platformOf(context), context.limits),
    }),
    operation({
      method: "POST",
      path: "/console/platform",
      params: params(platformProperties),
      run(context, given) {
        const { tx, now, limits, livemode, settings, byOperator, keyHint: by, clientIp: from } = context;
        const platform = platformOf(context);
        // A test mode key is protected less carefully, and must not be able to delete live events.
        if (!livemode && !settings.platformsSeeServer && !byOperator && given.dry_run !== true) throw apiError("live_key_required");
        return updatePlatform(tx, platform, given, { now, limits, by, from });
      },
    }),
  ],
};

/** The caller, if it is a platform. Throws `platform_account_required`. */
function platformOf({ account, application }: OperationContext): AccountRow {
  if (application === null) throw apiError("platform_account_required");
  return account;
}
