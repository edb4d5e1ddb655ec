import type { Operation, Procedure } from "../operations/operation.ts";
import type { ApiOptions, Call } from "./call.ts";
import { createKeysInUse } from "./idempotency.ts";
import { operationCall } from "./run-operation.ts";
import { procedureCall } from "./run-procedure.ts";

/** Makes the calls of operations and procedures. They share which idempotency keys are in use. */
export function createCalls(options: ApiOptions): { ofOperation(operation: Operation): Call; ofProcedure(procedure: Procedure): Call } {
  const keysInUse = createKeysInUse();
  return {
    ofOperation: (operation) => operationCall(operation, options, keysInUse),
    ofProcedure: (procedure) => procedureCall(procedure, options),
  };
}
