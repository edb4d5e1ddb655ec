import { expect, test } from "vitest";
import { API_ERRORS, type ApiErrorName, apiError } from "./api-error.ts";

test("an error is filled in, and its body is Stripe's envelope", () => {
  const error = apiError("parameter_missing", { param: "url" });
  expect(error.status).toBe(400);
  expect(error.toBody()).toEqual({
    error: {
      code: "parameter_missing",
      doc_url: "https://docs.stripe.com/error-codes/parameter-missing",
      message: "Missing required param: url.",
      param: "url",
      type: "invalid_request_error",
    },
  });
});

test("an error without a code has no code and no link, and without a parameter it has no param", () => {
  expect(Object.keys(apiError("internal_error").toBody().error)).toEqual(["message", "type"]);
});

/** Errors after which the same request may be repeated later. */
const TOO_MANY: ReadonlySet<ApiErrorName> = new Set([
  "listen_sessions_too_many",
  "live_streams_too_many",
  "rate_limited",
  "resend_jobs_too_many",
]);

test.each(Object.keys(API_ERRORS) as ApiErrorName[])("%s has a status of its kind and a message that ends well", (name) => {
  const { status, type, message } = API_ERRORS[name];
  expect([400, 401, 402, 403, 404, 408, 409, 413, 415, 421, 429, 431, 500, 503]).toContain(status);
  expect(status === 429).toBe(TOO_MANY.has(name));
  expect(type === "api_error").toBe(status >= 500);
  expect(message.trim()).toBe(message);
});
