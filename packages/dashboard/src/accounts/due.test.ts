import { expect, test } from "vitest";
import type { Account } from "../api/answers.ts";
import { dueOf, requirementLines } from "./due.ts";

const account = (now: object, future: object = {}): Account => ({ requirements: now, future_requirements: future }) as Account;

test("the most urgent comes first", () => {
  expect(dueOf(account({ past_due: ["a"], currently_due: ["a", "b"], current_deadline: 5 }))).toEqual({
    tone: "bad",
    words: "1 past due",
    by: null,
  });
  expect(dueOf(account({ currently_due: ["a"], current_deadline: 5 }))).toEqual({ tone: "waiting", words: "1 due", by: 5 });
  expect(dueOf(account({ pending_verification: ["a"] })).words).toBe("1 being verified");
  expect(dueOf(account({}, { currently_due: ["a"], current_deadline: 9 }))).toEqual({ tone: "waiting", words: "1 due later", by: 9 });
  expect(dueOf(account({})).words).toBe("nothing due");
});

test("each requirement is listed once, with the reason why it is required again", () => {
  const errors = [{ requirement: "a", code: "invalid", reason: "The name does not match." }];
  const lines = requirementLines(
    account({ past_due: ["a"], currently_due: ["a", "b"], eventually_due: ["a", "b", "c"], current_deadline: 5, errors }),
  );
  expect(lines.map(({ name, standing, by, why }) => [name, standing, by, why])).toEqual([
    ["a", "past due", null, "The name does not match."],
    ["b", "due", 5, null],
    ["c", "asked for one day", null, null],
  ]);
});
