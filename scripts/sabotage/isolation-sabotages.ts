import type { Sabotage } from "./sabotage.ts";

const DELIVERIES = "packages/server/src/deliveries";
const ENGINE = ["packages/server/test/deliveries/engine-isolation.test.ts"];

/** What slow and failing endpoints must not take from others. */
export const ISOLATION_SABOTAGES: readonly Sabotage[] = [
  {
    name: "no-breaker",
    does: "an endpoint that only fails is never left alone",
    edits: [
      {
        file: `${DELIVERIES}/endpoint-record.ts`,
        old: "if (breakerFailures > 0 && this.#failures >= breakerFailures",
        new: "if (breakerFailures < 0 && this.#failures >= breakerFailures",
      },
    ],
    tests: [`${DELIVERIES}/endpoint-record.test.ts`, ...ENGINE],
  },
  {
    name: "no-ramp",
    does: "an endpoint that is well again is sent everything at once that may be under way",
    edits: [
      {
        file: `${DELIVERIES}/endpoint-record.ts`,
        old: "Math.min(2 * this.#window, this.#limits.attemptsInFlightPerEndpoint)",
        new: "this.#limits.attemptsInFlightPerEndpoint",
      },
    ],
    tests: [`${DELIVERIES}/endpoint-record.test.ts`, ...ENGINE],
  },
  {
    name: "slot-freed-at-the-bodys-end",
    does: "an attempt whose outcome is known keeps its slot until the body has ended",
    edits: [
      {
        file: `${DELIVERIES}/engine.ts`,
        old: "      outcomeKnown(attempt, attemptResult(arrived, at, clock.wallNow(), limits), timeNow());\n",
        new: "",
      },
      {
        file: `${DELIVERIES}/engine.ts`,
        old: "      if (head === null) outcomeKnown(attempt, result, now);\n      else if (",
        new: "      outcomeKnown(attempt, result, now);\n      if (head !== null && (",
      },
      {
        file: `${DELIVERIES}/engine.ts`,
        old: ">= limits.responseBodyMs) queue.bodyCut(claim, now);",
        new: ">= limits.responseBodyMs)) queue.bodyCut(claim, now);",
      },
    ],
    tests: ENGINE,
  },
  {
    name: "wait-for-every-body",
    does: "as many dripping bodies are waited for as there are",
    edits: [
      {
        file: `${DELIVERIES}/body-waits.ts`,
        old: "if (this.#size >= this.#limits.responseBodies || count >= this.#limits.responseBodiesPerEndpoint) return false;",
        new: "if (this.#size < 0) return false;",
      },
    ],
    tests: ENGINE,
  },
  {
    name: "retry-after-ignored",
    does: "an answer that asks to wait is not heard",
    edits: [
      {
        file: `${DELIVERIES}/engine.ts`,
        old: "const waitMs = grantedWaitMs(posted, wallNow, limits.retryAfterLongestMs);",
        new: "const waitMs = grantedWaitMs(posted, wallNow, limits.retryAfterLongestMs) === 0 ? 0 : null;",
      },
    ],
    tests: ENGINE,
  },
  {
    name: "retry-after-without-bound",
    does: "a receiver puts its deliveries off for as long as it likes",
    edits: [{ file: `${DELIVERIES}/retry-after.ts`, old: "Math.min(asked, longestMs)", new: "Math.max(asked, longestMs * 0)" }],
    tests: [`${DELIVERIES}/retry-after.test.ts`],
  },
  {
    name: "no-cap-per-account",
    does: "one account may have every attempt that may be under way",
    edits: [
      {
        file: `${DELIVERIES}/attempt-slots.ts`,
        old: "of.inFlight < lane.mostPerAccount && account.inFlight < this.#limits.attemptsInFlightPerAccount",
        new: "account.inFlight <= this.#limits.attemptsInFlight",
      },
    ],
    tests: [`${DELIVERIES}/fair-queue.test.ts`],
  },
  {
    name: "failing-take-all",
    does: "endpoints that fail and are slow may have every attempt that may be under way",
    edits: [
      {
        file: `${DELIVERIES}/attempt-slots.ts`,
        old: "failing: lane(limits.failingPercent, reserved)",
        new: "failing: lane(100, reserved)",
      },
    ],
    tests: [`${DELIVERIES}/fair-queue.test.ts`, ...ENGINE],
  },
  {
    name: "slow-count-as-healthy",
    does: "an endpoint that answers with success counts as healthy, however long it takes",
    edits: [
      {
        file: `${DELIVERIES}/endpoint-record.ts`,
        old: "if (this.#overdue > 0 || this.#answerMs > this.#limits.slowAnswerMs)",
        new: "if (this.#overdue < 0)",
      },
    ],
    tests: [`${DELIVERIES}/endpoint-record.test.ts`, ...ENGINE],
  },
  {
    name: "rate-limit-of-an-endpoint-ignored",
    does: "an endpoint is sent to as fast as can be, whatever its limit",
    edits: [
      {
        file: `${DELIVERIES}/fair-queue.ts`,
        old: "const tokenAt = some ? record.tokenAt : 0;",
        new: "const tokenAt = some ? 0 : record.tokenAt;",
      },
    ],
    tests: [`${DELIVERIES}/fair-queue.test.ts`, ...ENGINE],
  },
  {
    name: "sweep-without-rest",
    does: "a sweep of old rows deletes commit after commit, and everything else has what time is left",
    edits: [
      {
        file: "packages/server/src/service/sweep-pace.ts",
        old: "Math.max(limits.sweepRestMs, restMs)",
        new: "0",
      },
    ],
    tests: ["packages/server/src/service/sweep-pace.test.ts"],
  },
];
