import { expect, test } from "vitest";
import { keptAnswer } from "./kept-answer.ts";

const kept = (answer: object) => JSON.parse(keptAnswer(JSON.stringify(answer), 10_000)) as unknown;

test("an answer hides secrets, numbers that identify a person, and addresses that open a page", () => {
  expect(
    kept({
      id: "pi_123",
      client_secret: "pi_123_secret_abc",
      message: "No such payment_intent: 'pi_123_secret_abc'",
      error: { code: "resource_missing" },
      individual: { dob: { day: 1 }, ssn_last_4_provided: true, id_number: "000000000" },
      data: [{ secret: "whsec_abcdefgh" }, { secret: null }],
      url: "http://127.0.0.1:1/setup/e/acct_1/abcdefghijklmnopqrstuvwxyz012345",
    }),
  ).toEqual({
    id: "pi_123",
    client_secret: "****",
    message: "No such payment_intent: '****'",
    error: { code: "resource_missing" },
    individual: { dob: "****", ssn_last_4_provided: true, id_number: "****" },
    data: [{ secret: "****" }, { secret: null }],
    url: "http://127.0.0.1:1/setup/e/acct_1/****",
  });
});

test("a long answer is cut off, and takes no longer than its length", () => {
  const text = keptAnswer(JSON.stringify({ long: "x".repeat(900_000) }), 100);
  expect(text).toHaveLength(101);
  expect(keptAnswer("not JSON, with whsec_abcdefgh", 100)).toBe("not JSON, with ****");
});
