import { type OperatorCall, operatorCall } from "../operations/operator-call.ts";
import { params } from "../operations/parameters.ts";
import { serverState } from "./server-state.ts";

/** The state of the whole server, for its operator. */
export const operatorSystem: OperatorCall = operatorCall({
  method: "GET",
  path: "/operator/system",
  params: params({}),
  run: ({ store, now, limits }) => store.read((reads) => serverState(reads, now, limits)),
});
