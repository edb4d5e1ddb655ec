import { expect, test } from "vitest";
import { createSimulatedClock } from "../../../test/clock/simulated-clock.ts";
import { START } from "../../../test/store/store-fixture.ts";
import type { AnsweredRequest } from "../../http/answered-request.ts";
import type { Log } from "../../http/request-log.ts";
import type { RequestRow } from "../../store/contract/rows.ts";
import { type Store, StoreUnavailable } from "../../store/store.ts";
import { createRequestLog } from "./request-log.ts";

/** A log of at most two requests that wait, over a store that is full until `has` says otherwise. */
function opened() {
  const rows: RequestRow[] = [];
  const has = { room: false };
  const insert = async (batch: RequestRow[]) => {
    if (!has.room) throw new StoreUnavailable("The disk is full.");
    rows.push(...batch);
  };
  const lacking: unknown[] = [];
  const clock = createSimulatedClock(START);
  const limits = { requestsWaiting: 2, requestsWithinMs: 100 };
  const requestLog = createRequestLog({
    store: { requests: { insert } } as unknown as Pick<Store, "requests">,
    clock,
    limits: limits as never,
    log: { warn: ({ code, dropped }: Record<string, unknown>) => void lacking.push([code, dropped]) } as unknown as Log,
    remembering: { showParam: (param) => param, dev: null },
  });
  const add = (id: string) =>
    requestLog.add({
      ...{ id, method: "POST", path: "/v1/customers", route: "/v1/customers", status: 200, durationMs: 1, idempotencyKey: null },
      ...{ fromPage: false, sent: { path: "/v1/customers", query: "", body: null }, answerBody: null, account: "acct_1" },
      ...{ caller: { id: "acct_1", livemode: false, keyHint: "sk_test_****" }, error: null, replayOf: null },
    } as AnsweredRequest);
  return { requestLog, rows, has, lacking, clock, add };
}

test("requests that a full store cannot take wait, and the log says how many it lacks once it continues", async () => {
  const { requestLog, rows, has, lacking, clock, add } = opened();
  const stopped = new AbortController();
  const running = requestLog.run(stopped.signal);
  for (const id of ["req_1", "req_2", "req_3"]) add(id);
  await expect.poll(() => clock.nextWakeAt()).toBe(START + 100);
  await clock.runTo(START + 100);
  expect([rows, lacking]).toEqual([[], []]);
  has.room = true;
  await clock.runTo(START + 200);
  await expect.poll(() => rows.map(({ id }) => id)).toEqual(["req_1", "req_2"]);
  stopped.abort();
  await running;
  expect(lacking).toEqual([["request_log.behind", 1]]);
});

test("a server that stops while the store is full says how many requests the log lacks", async () => {
  const { requestLog, rows, lacking, add } = opened();
  const stopped = new AbortController();
  const running = requestLog.run(stopped.signal);
  for (const id of ["req_1", "req_2", "req_3"]) add(id);
  stopped.abort();
  await running;
  expect(rows).toEqual([]);
  expect(lacking).toEqual([["request_log.behind", 3]]);
});
