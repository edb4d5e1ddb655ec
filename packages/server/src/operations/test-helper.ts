import { apiError } from "@carabiner/protocol";
import type { TObject } from "typebox";
import { type Operation, operation } from "./operation.ts";

/**
 * A call below `/v1/test_helpers` that forces what only the world can cause: a bank that returns a payout, a document that
 * does not convince. Refused with `test_helper_live` for a live key, but on servers whose settings allow it: in live
 * mode what happens is for the world alone to say.
 */
export function testHelper<Params extends TObject>(definition: Operation<Params>): Operation {
  return operation({
    ...definition,
    run(context, params, path) {
      if (context.livemode && !context.settings.liveTestHelpers) throw apiError("test_helper_live");
      return definition.run(context, params, path);
    },
  });
}
