import { expect, test } from "vitest";
import { type Arrival, type History, judge, type Outcome } from "./checker.ts";

const arrival = (more: Partial<Arrival> = {}): Arrival => ({ event: "evt_1", at: 1_000, body: "a", signed: true, ...more });
const outcome = (more: Partial<Outcome> = {}): Outcome => ({
  event: "evt_1",
  created: 900,
  state: "succeeded",
  attempts: [{ number: 1, at: 1_000, outcome: "succeeded" }],
  ...more,
});
const history = (more: Partial<History> = {}): History => ({
  acknowledged: new Set(["evt_1"]),
  arrivals: [arrival()],
  outcomes: [outcome()],
  faulty: false,
  leastDelayMs: () => 60_000,
  ...more,
});
const failed = { number: 1, at: 1_000, outcome: "status" };

test("a run in which all went well has no breach", () => {
  const { breaches, figures } = judge(history());
  expect(breaches).toEqual([]);
  expect(figures).toEqual({ acknowledged: 1, arrived: 1, lost: 0, duplicates: 0, duplicatesPerThousand: 0, earlyAttempts: 0 });
});

test("an event that was given up or cancelled in sight of all is not lost", () => {
  expect(judge(history({ arrivals: [], outcomes: [outcome({ state: "cancelled", attempts: [] })] })).breaches).toEqual([]);
});

test.each<[string, Partial<History>, RegExp]>([
  ["a run in which nothing was taken", { acknowledged: new Set(), arrivals: [], outcomes: [] }, /shows nothing/],
  ["a lost event", { outcomes: [], arrivals: [] }, /is lost/],
  ["a success that nobody received", { arrivals: [] }, /is lost/],
  ["an invented event", { arrivals: [arrival(), arrival({ event: "evt_2" })] }, /in no store/],
  ["other bytes the second time", { faulty: true, arrivals: [arrival(), arrival({ body: "b" })] }, /different bodies/],
  ["a bad signature", { arrivals: [arrival({ signed: false })] }, /signature/],
  ["something that never ends", { outcomes: [outcome({ state: "pending", attempts: [] })] }, /has not ended/],
  ["a gap in the attempts", { outcomes: [outcome({ attempts: [{ number: 2, at: 1_000, outcome: "succeeded" }] })] }, /not numbered/],
  [
    "a success that was overwritten",
    {
      outcomes: [
        outcome({
          attempts: [
            { number: 1, at: 1_000, outcome: "succeeded" },
            { number: 2, at: 90_000, outcome: "status" },
          ],
        }),
      ],
    },
    /went on after its success/,
  ],
  ["a success without a successful attempt", { outcomes: [outcome({ attempts: [failed] })] }, /after 0 successes/],
  ["an early retry", { outcomes: [outcome({ attempts: [failed, { number: 2, at: 2_000, outcome: "succeeded" }] })] }, /59000 ms early/],
  ["an attempt before its event", { outcomes: [outcome({ created: 1_001 })] }, /1 ms early/],
  ["a duplicate without a fault", { arrivals: [arrival(), arrival()] }, /twice without a fault/],
])("%s is a breach", (_, more, says) => {
  expect(judge(history(more)).breaches.join()).toMatch(says);
});

test("after a fault duplicates are counted and no breach", () => {
  const { breaches, figures } = judge(history({ faulty: true, arrivals: [arrival(), arrival()] }));
  expect(breaches).toEqual([]);
  expect(figures).toMatchObject({ duplicates: 1, duplicatesPerThousand: 500 });
});
