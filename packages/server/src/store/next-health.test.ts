import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AttemptRow } from "./contract/rows.ts";
import { type EndpointHealth, nextHealth } from "./next-health.ts";

const CHECK = { endpointId: "we_1", warningMs: 300, failingMs: 900 };
const WELL: EndpointHealth = { status: "enabled", firstFailureAt: null, toldOf: null, failures: null };

function attempt(at: number, outcome = "status"): AttemptRow {
  const status = outcome === "succeeded" ? 200 : 500;
  return {
    deliveryId: "dlv_1",
    number: 1,
    at,
    durationMs: 1,
    outcome,
    status,
    reason: `answered ${status}`,
    retryAfterMs: null,
    phases: null,
    requestHeaders: {},
    responseHeaders: {},
    responseBody: "",
  };
}

const after = (before: EndpointHealth, ...attempts: AttemptRow[]) => nextHealth(before, attempts, CHECK);
const kinds = (before: EndpointHealth, ...attempts: AttemptRow[]) => after(before, ...attempts).changes.map(({ kind }) => kind);

describe("an endpoint's health", () => {
  test("counts from the first failure, with the failures since and how the last one ended", () => {
    const { after: failing } = after(WELL, attempt(10), attempt(20, "timeout"));
    expect(failing).toEqual({
      status: "enabled",
      firstFailureAt: 10,
      toldOf: null,
      failures: { count: 2, last: { at: 20, outcome: "timeout", status: 500, reason: "answered 500" }, held: null },
    });
    expect(after(failing, attempt(30)).after).toMatchObject({ firstFailureAt: 10, failures: { count: 3 } });
    expect(after(WELL, attempt(10), attempt(20, "succeeded"), attempt(30)).after).toMatchObject({
      firstFailureAt: 30,
      failures: { count: 1 },
    });
  });

  test("says with a failure whether the endpoint is left alone after it, and no longer after one that ends nothing", () => {
    const held = { until: 5_000, by: "breaker" } as const;
    const { after: left } = nextHealth(WELL, [attempt(10)], { ...CHECK, held });
    expect(left.failures?.held).toEqual(held);
    expect(after(left, attempt(20)).after.failures?.held).toBeNull();
    expect(after(left, attempt(20, "succeeded")).after).toEqual(WELL);
  });

  test("is cleared by a success, of which nobody is told who was not told of the failures", () => {
    const failing = after(WELL, attempt(10)).after;
    expect(after(failing, attempt(20, "succeeded"))).toEqual({ after: WELL, changes: [] });
    expect(after(WELL, attempt(20, "succeeded"))).toEqual({ after: WELL, changes: [] });
  });

  test("is told of once when the time of the warning has come, and once when it is disabled, not before", () => {
    const failing = after(WELL, attempt(10)).after;
    expect(kinds(failing, attempt(309))).toEqual([]);
    expect(kinds(failing, attempt(310), attempt(311))).toEqual(["failing"]);
    const warned = after(failing, attempt(310)).after;
    expect(warned).toMatchObject({ status: "enabled", toldOf: "failing" });
    expect(kinds(warned, attempt(909))).toEqual([]);
    const { after: disabled, changes } = after(warned, attempt(910), attempt(911));
    expect(changes).toMatchObject([{ kind: "disabled", at: 910, firstFailureAt: 10, failures: { count: 3 } }]);
    expect(disabled).toMatchObject({ status: "disabled", toldOf: "disabled" });
  });

  test("is told of as disabled alone when no attempt was made in between", () => {
    expect(kinds(after(WELL, attempt(10)).after, attempt(5_000))).toEqual(["disabled"]);
  });

  test("is told of when it is good again, with what is over", () => {
    const warned = after(WELL, attempt(10), attempt(310)).after;
    expect(after(warned, attempt(400, "succeeded"))).toMatchObject({
      after: WELL,
      changes: [{ kind: "recovered", at: 400, firstFailureAt: 10, failures: { count: 2 } }],
    });
  });

  test("stays as it was while the endpoint is disabled; enabled again it starts afresh, and a success is told of", () => {
    const disabled = after(WELL, attempt(10), attempt(910)).after;
    expect(after(disabled, attempt(920), attempt(930, "succeeded"))).toEqual({ after: disabled, changes: [] });
    const enabled: EndpointHealth = { ...disabled, status: "enabled", firstFailureAt: null };
    expect(kinds(enabled, attempt(2_000, "succeeded"))).toEqual(["recovered"]);
    expect(after(enabled, attempt(2_000))).toMatchObject({ after: { firstFailureAt: 2_000, failures: { count: 1 } }, changes: [] });
    expect(kinds(enabled, attempt(2_000), attempt(2_300))).toEqual(["failing"]);
  });

  test("is the same however the attempts are divided into batches", () => {
    const attempts = fc.array(fc.tuple(fc.nat(400), fc.constantFrom("succeeded", "status", "timeout")), { maxLength: 20 });
    fc.assert(
      fc.property(attempts, fc.nat(20), (given, cut) => {
        let at = 0;
        const all = given.map(([ms, outcome]) => {
          at += ms;
          return attempt(at, outcome);
        });
        const whole = nextHealth(WELL, all, CHECK);
        const first = nextHealth(WELL, all.slice(0, cut), CHECK);
        const second = nextHealth(first.after, all.slice(cut), CHECK);
        expect([second.after, [...first.changes, ...second.changes]]).toEqual([whole.after, whole.changes]);
      }),
    );
  });
});
