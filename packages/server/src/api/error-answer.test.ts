import { apiError } from "@carabiner/protocol";
import { expect, test } from "vitest";
import { Conflict, StoreUnavailable } from "../store/store.ts";
import { errorAnswer } from "./error-answer.ts";

test("an API error is answered unchanged", () => {
  expect(errorAnswer(apiError("parameter_missing", { param: "url" }))).toEqual({
    status: 400,
    body: JSON.stringify(
      {
        error: {
          code: "parameter_missing",
          doc_url: "https://docs.stripe.com/error-codes/parameter-missing",
          message: "Missing required param: url.",
          param: "url",
          type: "invalid_request_error",
        },
      },
      null,
      2,
    ),
    shouldRetry: null,
    retryAfterSeconds: null,
    error: "parameter_missing",
    message: "Missing required param: url.",
    cause: null,
  });
});

test("a failure of the store is answered without its reason, and may be retried", () => {
  const thrown = new StoreUnavailable("disk /dev/secret is full");
  const answer = errorAnswer(thrown);
  expect(answer).toMatchObject({ status: 503, shouldRetry: true, error: "storage_unavailable", cause: thrown });
  expect(answer.body).not.toContain("secret");
});

test("a failure that may have kept the change says so", () => {
  const answer = errorAnswer(new StoreUnavailable("gone", { uncertain: true }));
  expect(answer).toMatchObject({ status: 503, shouldRetry: true, retryAfterSeconds: 1, error: "storage_uncertain" });
  expect(answer.body).not.toContain("changed nothing");
});

test.each([new Error("secret"), new Conflict("secret"), "secret", undefined])("%s is ours, and told in no detail", (thrown) => {
  const answer = errorAnswer(thrown);
  expect(answer).toMatchObject({ status: 500, shouldRetry: null, error: "internal_error", cause: thrown });
  expect(answer.body).not.toContain("secret");
});

test("a stopping server may be tried again", () => {
  expect(errorAnswer(apiError("server_stopping"))).toMatchObject({ status: 503, shouldRetry: true });
});

test.each([
  ["/v1/charges/:charge", "id", { expand: [] }, 404],
  ["/v1/payment_methods/:payment_method/attach", "payment_method", { customer: "cus_1" }, 404],
  ["/v1/payment_methods/:payment_method/attach", "customer", { customer: "cus_none" }, 400],
  ["/v1/payment_intents", "transfer_data[destination]", { transfer_data: { destination: "acct_none" } }, 400],
  ["/v1/charges", "starting_after", { starting_after: "ch_none" }, 400],
  ["/v2/core/accounts", "account_token", { account_token: "accttok_none" }, 404],
])("a missing object is 404 in a path and 400 in a parameter: %s, %s", (path, param, params, status) => {
  for (const name of ["resource_missing", "resource_in_other_mode"] as const)
    expect(errorAnswer(apiError(name, { object: "object", id: "x", param }), path, params)).toMatchObject({ status });
});
