import type { Operation, Procedure } from "../operations/operation.ts";
import type { ApiOptions, Call } from "./call.ts";
import { createKeysInUse } from "./idempotency.ts";
import { operationCall } from "./run-operation.ts";
import { procedureCall } from "./run-procedure.ts";

/**
 * Makes the calls of operations and procedures, each on first use: a server uses few of them. They share the record of
 * which idempotency keys are in use.
 */
export function createCalls(options: ApiOptions): { ofOperation(operation: Operation): Call; ofProcedure(procedure: Procedure): Call } {
  const keysInUse = createKeysInUse();
  return {
    ofOperation: (operation) => madeOnce(() => operationCall(operation, options, keysInUse)),
    ofProcedure: (procedure) => madeOnce(() => procedureCall(procedure, options)),
  };
}

/** A call that is prepared on first use. */
function madeOnce(make: () => Call): Call {
  let made: Call | null = null;
  return (request) => {
    made ??= make();
    return made(request);
  };
}
