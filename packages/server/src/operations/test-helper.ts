import { apiError } from "@carabiner/protocol";
import type { TObject } from "typebox";
import { type Operation, operation } from "./operation.ts";

/**
 * A call below `/v1/test_helpers` that forces an outside event: a bank returns a payout, a document fails verification.
 * Refused with `test_helper_live` for a live key, unless the server's settings allow it: in live mode, only the outside
 * world causes such events.
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
