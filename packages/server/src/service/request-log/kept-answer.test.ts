import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { values } from "../../../test/service/request-log/random-json.ts";
import { keptAnswer } from "./kept-answer.ts";
import { isSecretName, masked } from "./masked.ts";

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

test("an answer that is not JSON is masked as it is", () => {
  expect(keptAnswer("not JSON, with whsec_abcdefgh", 100)).toBe("not JSON, with ****");
  expect(keptAnswer(`not JSON, with whsec_${"a".repeat(900_000)}`, 18)).toBe("not JSON, with ***…");
});

test("a long answer is cut off where the whole of it, masked, would be", () => {
  fc.assert(
    fc.property(values, fc.constantFrom(0, 1, 10, 100, 300, 1_000, 3_000), fc.boolean(), (value, chars, indented) => {
      const body = JSON.stringify(value, null, indented ? 2 : 0);
      const whole = JSON.stringify(wholeShown(JSON.parse(body), ""), null, 2);
      expect(keptAnswer(body, chars)).toBe(whole.length > chars ? `${whole.slice(0, chars)}…` : whole);
    }),
  );
});

test("brackets that close what was not read are not taken for the answer's", () => {
  const answer = { a: { b: [{ c: { d: [[{ e: "x".repeat(9_000) }]] } }] } };
  const whole = JSON.stringify(answer, null, 2);
  for (let chars = 0; chars < 500; chars++) expect(keptAnswer(whole, chars)).toBe(`${whole.slice(0, chars)}…`);
});

test.each([
  ["list", { data: Array.from({ length: 9_000 }, (_, n) => ({ id: `acct_${n}`, created: 1_764_443_825, metadata: { order: `${n}` } })) }],
  ["object", Object.fromEntries(Array.from({ length: 30_000 }, (_, n) => [`order_${n}`, n]))],
  ["list that is nested deeply", { data: [[[[[[Array.from({ length: 90_000 }, () => "active")]]]]]] }],
])("of a long %s no more is parsed than is kept", (_, answer) => {
  const body = JSON.stringify(answer, null, 2);
  const parse = vi.spyOn(JSON, "parse");
  const text = keptAnswer(body, 1_000);
  const parsed = parse.mock.calls.map(([json]) => json.length);
  parse.mockRestore();
  expect(text).toBe(`${body.slice(0, 1_000)}…`);
  expect(parsed).toHaveLength(1);
  expect(parsed[0]).toBeLessThan(2_100);
});

/** What is shown of a whole answer, as simply as possible. */
function wholeShown(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value.map((one) => wholeShown(one, name));
  if (typeof value === "object" && value !== null && name !== "dob")
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, wholeShown(inner, key)]));
  if (value === null || value === "" || typeof value === "boolean") return value;
  if (name !== "code" && isSecretName(name)) return "****";
  if (typeof value !== "string") return value;
  const text = masked(value);
  return /^https?:\/\//.test(text) && /(?:^|_)url$/.test(name) ? text.replace(/(?<=\/)[\w-]{24,}/g, "****") : text;
}
