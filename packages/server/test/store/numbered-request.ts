import type { RequestRow } from "../../src/store/contract/rows.ts";
import { START } from "./store-fixture.ts";

/** A row of the request log, for tests of a store: `req_1`, `req_2` and so on, a millisecond after each other. */
export function numberedRequest(n: number, given: Partial<RequestRow> = {}): RequestRow {
  return {
    id: `req_${n}`,
    at: START + n,
    machineAt: null,
    callerId: "acct_owner",
    livemode: false,
    accountId: "acct_owner",
    keyHint: null,
    method: "POST",
    route: "/v1/payouts",
    path: "/v1/payouts",
    status: 200,
    durationMs: 1,
    idempotencyKey: null,
    replayOf: null,
    error: null,
    query: null,
    params: null,
    answer: null,
    ...given,
  };
}
