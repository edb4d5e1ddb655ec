import { describe, expect, test } from "vitest";
import type { Claim } from "../store/contract/delivery-store.ts";
import type { Posted } from "../transport/transport.ts";
import { cancellation, decideSettlement, heldBack, putOff } from "./decide-settlement.ts";
import { endpointChecks } from "./endpoint-checks.ts";
import { retryPolicies } from "./retry-policies.ts";

const claim: Claim = {
  deliveryId: "dlv_1",
  kind: "automatic",
  token: 3,
  leaseUntil: 90_000,
  dueAt: 500,
  created: 0,
  attempt: 1,
  event: { id: "evt_1", type: "payout.failed", livemode: false },
  endpoint: {
    id: "we_1",
    accountId: "acct_1",
    livemode: false,
    url: "https://example.com",
    status: "enabled",
    deleted: false,
    secrets: [],
    firstFailureAt: null,
    toldOf: null,
    rateLimit: null,
    pausedAt: null,
  },
  body: Buffer.from("{}"),
};
const policy = retryPolicies("stripe", 30_000).test;
const answer = (status: number): Posted => ({
  kind: "answer",
  status,
  headers: { server: "x" },
  body: "hello",
  truncated: false,
  durationMs: 12.4,
});
const decide = (posted: Posted, change: Partial<Claim> = {}, waitMs: number | null = null) =>
  decideSettlement({ claim: { ...claim, ...change }, at: 1_000, requestHeaders: { a: "b" }, posted, waitMs }, policy, 1_012);

describe("how an attempt ends", () => {
  test.each([200, 201, 202, 204, 226, 299])("%i succeeds", (status) => {
    expect(decide(answer(status))).toMatchObject({ next: { state: "succeeded" }, attempt: { outcome: "succeeded", status } });
  });

  test.each([301, 302, 307, 308, 304])("%i is a redirect that nobody follows", (status) => {
    expect(decide(answer(status))).toMatchObject({ next: { state: "pending" }, attempt: { outcome: "redirect", status } });
  });

  test.each([199, 400, 404, 410, 429, 500, 503, 599])("%i is tried again", (status) => {
    expect(decide(answer(status))).toMatchObject({ next: { state: "pending" }, attempt: { outcome: "status", status } });
  });

  test("a fault keeps its code and its plain words", () => {
    const settlement = decide({ kind: "fault", code: "dns_failure", reason: "No such name.", durationMs: 3 });
    expect(settlement.attempt).toMatchObject({
      outcome: "dns_failure",
      status: null,
      reason: "No such name.",
      responseHeaders: {},
      responseBody: "",
    });
  });

  test("the whole attempt is recorded", () => {
    expect(decide(answer(500)).attempt).toEqual({
      deliveryId: "dlv_1",
      number: 1,
      at: 1_000,
      durationMs: 12,
      outcome: "status",
      status: 500,
      reason: "The endpoint answered 500 Internal Server Error. Only an answer from 200 to 299 counts as received.",
      phases: null,
      retryAfterMs: null,
      requestHeaders: { a: "b" },
      responseHeaders: { server: "x" },
      responseBody: "hello",
    });
  });

  test("the last failure exhausts it; a manual one is exhausted by its first", () => {
    expect(decide(answer(500), { attempt: 4 }).next).toEqual({ state: "exhausted" });
    expect(decide(answer(500), { kind: "manual" }).next).toEqual({ state: "exhausted" });
  });
});

describe("claims that are not sent", () => {
  test("a disabled or deleted endpoint's is cancelled, without an attempt", () => {
    for (const change of [{ status: "disabled" as const }, { deleted: true }])
      expect(cancellation({ ...claim, endpoint: { ...claim.endpoint, ...change } })).toMatchObject({
        attempt: null,
        next: { state: "cancelled" },
        token: 3,
      });
    expect(cancellation(claim)).toBeNull();
  });

  test("a paused endpoint's is given back, due when it was", () => {
    expect(heldBack({ ...claim, endpoint: { ...claim.endpoint, pausedAt: 400 } })).toEqual(putOff(claim));
    expect(heldBack(claim)).toBeNull();
  });

  test("one put off is due when it was", () => {
    expect(putOff(claim)).toMatchObject({ attempt: null, next: { state: "pending", dueAt: 500 } });
  });
});

test("an endpoint's health is checked when an attempt failed, or when a success may end its trouble", () => {
  const limits = { endpointWarningMs: 3, endpointFailingMs: 9 };
  const of = (endpointId: string, ...posted: Posted[]) => posted.map((one) => ({ ...decide(one), endpointId }));
  const batch = [
    ...of("we_well", answer(200)),
    ...of("we_failed", answer(200), answer(500)),
    ...of("we_recovers", answer(200)),
    { ...putOff(claim), endpointId: "we_troubled" },
  ];
  const hold = { until: 7, by: "breaker" } as const;
  const holdOf = (id: string) => (id === "we_failed" ? hold : null);
  expect(endpointChecks(batch, new Set(["we_recovers", "we_troubled"]), limits, holdOf)).toEqual([
    { endpointId: "we_failed", warningMs: 3, failingMs: 9, held: hold },
    { endpointId: "we_recovers", warningMs: 3, failingMs: 9, held: null },
  ]);
});

test("the parts of an attempt are kept to a tenth of a millisecond", () => {
  const phases = { reused: false, dnsMs: 1.2345, connectMs: 0.04, tlsMs: null, firstByteMs: 7.96 };
  expect(decide({ ...answer(200), phases }).attempt?.phases).toEqual({
    reused: false,
    dnsMs: 1.2,
    connectMs: 0,
    tlsMs: null,
    firstByteMs: 8,
  });
});
