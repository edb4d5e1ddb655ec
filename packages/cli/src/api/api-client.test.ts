import { describe, expect, test } from "vitest";
import { CommandFailure } from "../command-failure.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { adviceFor, createApiClient } from "./api-client.ts";

const TARGET = { url: "http://127.0.0.1:1", key: "sk_test_x", account: "acct_1" };

interface Sent {
  url: string;
  init: RequestInit;
}

function answering(status: number, body: string, headers: Record<string, string> = {}) {
  const sent: Sent[] = [];
  const client = createApiClient(TARGET, async (url, init) => {
    sent.push({ url: String(url), init: init ?? {} });
    return new Response(body, { status, headers });
  });
  return { client, sent };
}

async function failureOf(promise: Promise<unknown>): Promise<CommandFailure> {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof CommandFailure)) throw new Error(`no CommandFailure but ${error}`);
  return error;
}

describe("a request", () => {
  test("carries key and account, and its parameters in the query", async () => {
    const { client, sent } = answering(200, '{"object":"list"}');
    expect(await client.get("/v1/events", { limit: 3, type: "account.*", starting_after: undefined })).toEqual({ object: "list" });
    expect(sent[0]?.url).toBe("http://127.0.0.1:1/v1/events?limit=3&type=account.*");
    expect(sent[0]?.init).toMatchObject({
      method: "GET",
      body: null,
      headers: { authorization: "Bearer sk_test_x", "stripe-account": "acct_1" },
    });
  });

  test("posts a form, or JSON when types matter", async () => {
    const { client, sent } = answering(200, "{}");
    await client.post("/v1/a", { b: ["c"] });
    await client.postJson("/v1/a", { b: 5 });
    expect(sent.map(({ init }) => [init.body, (init.headers as Record<string, string>)["content-type"]])).toEqual([
      ["b[0]=c", "application/x-www-form-urlencoded"],
      ['{"b":5}', "application/json"],
    ]);
  });
});

describe("a refusal", () => {
  test("tells the server's words, the request and what to do", async () => {
    const body = JSON.stringify({
      error: { type: "invalid_request_error", code: "resource_missing", message: "No such event: 'evt_1'", param: "id" },
    });
    const failure = await failureOf(answering(404, body, { "request-id": "req_1" }).client.get("/v1/events/evt_1"));
    expect(failure.message).toBe("No such event: 'evt_1'");
    expect(failure.details).toEqual(["404 resource_missing · parameter id · request req_1"]);
    expect(failure.advice).toContain("`list`");
    expect(failure.exitCode).toBe(EXIT_CODES.notFound);
  });

  test("of another kind ends with 1, and what it says cannot steer the terminal", async () => {
    const failure = await failureOf(
      answering(400, '{"error":{"type":"invalid_request_error","message":"\\u001b[2Jbad"}}').client.post("/v1/a"),
    );
    expect([failure.message, failure.exitCode]).toEqual(["\\u001b[2Jbad", EXIT_CODES.error]);
  });

  test.each([
    [200, "<html>"],
    [502, "Bad Gateway"],
    [404, '{"message":"no"}'],
  ])("that is not the API's (%d %s) counts as no server", async (status, body) => {
    expect((await failureOf(answering(status, body).client.get("/"))).exitCode).toBe(EXIT_CODES.unreachable);
  });
});

test.each([
  [new TypeError("fetch failed", { cause: Object.assign(new Error("x"), { code: "ECONNREFUSED" }) }), "ECONNREFUSED"],
  [new TypeError("fetch failed", { cause: new Error("other side closed") }), "other side closed"],
  [new DOMException("late", "TimeoutError"), "no answer within 120 s"],
])("no answer ends with 4 and says why (%s)", async (error, reason) => {
  const client = createApiClient(TARGET, () => Promise.reject(error));
  const failure = await failureOf(client.get("/v1/events"));
  expect(failure.exitCode).toBe(EXIT_CODES.unreachable);
  expect(failure.message).toContain(reason);
  expect(failure.advice).toContain("carabiner dev");
});

test.each([
  [401, null, "CARABINER_API_KEY"],
  [403, "account_invalid", "carabiner accounts list"],
  [403, "secret_key_required", "Set CARABINER_API_KEY to a secret key"],
  [409, "idempotency_key_in_use", "again"],
  [503, null, "again"],
  [500, null, "log"],
])("what to do about %d %s: %s", (status, code, words) => expect(adviceFor(status, code, TARGET)).toContain(words));

test("a key of live mode that is refused is that of its own variable", () =>
  expect(adviceFor(401, null, { ...TARGET, key: "sk_live_x" })).toContain("CARABINER_LIVE_API_KEY"));

test("where the message says it all there is no advice", () => expect(adviceFor(400, "parameter_missing", TARGET)).toBeNull());
