import { request as send } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../src/index.ts";
import { type Platform, platformOfItsOwn } from "../platform-of-its-own.ts";

let server: Carabiner;
let platform: Platform;
let before: unknown;
beforeAll(async () => {
  server = await startCarabiner();
  platform = await platformOfItsOwn(server);
  await platform.test.customers.create({ name: "Jenny", metadata: { key: "value" } });
  before = await everything();
});
afterAll(() => server.close());

async function everything() {
  const { test: stripe } = platform;
  return [
    (await stripe.accounts.list()).data,
    (await stripe.customers.list()).data,
    (await stripe.webhookEndpoints.list()).data,
    (await stripe.events.list()).data,
  ];
}

interface Asked {
  method?: string;
  path?: string;
  key?: string | null;
  type?: string;
  body?: string | Buffer;
  headers?: Record<string, string>;
}

/** On a bare request, because `fetch` would fix some of what is wrong. */
function ask({ method = "POST", path = "/v1/customers", key, type = "application/x-www-form-urlencoded", body = "", headers = {} }: Asked) {
  const { promise, resolve, reject } = Promise.withResolvers<{
    status: number | undefined;
    id: unknown;
    type: unknown;
    error: Record<string, string>;
  }>();
  const authorization = key === null ? {} : { authorization: `Bearer ${key ?? platform.keys.test.secret}` };
  const request = send(
    { host: server.host, port: server.port, method, path, headers: { ...authorization, "content-type": type, ...headers } },
    (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => {
        const { error } = JSON.parse(Buffer.concat(chunks).toString()) as { error: Record<string, string> };
        resolve({ status: answer.statusCode, id: answer.headers["request-id"], type: answer.headers["content-type"], error });
      });
    },
  );
  request.on("error", reject);
  request.end(body);
  return promise;
}

const json = (body: string): Asked => ({ type: "application/json", body });
const endpoint = (body: string): Asked => ({ path: "/v1/webhook_endpoints", body });
const many = (count: number, pair: (n: number) => string) => Array.from({ length: count }, (_, n) => pair(n)).join("&");
const deep = (levels: number) => `metadata${"[a]".repeat(levels)}=1`;

const CASES: readonly [what: string, asked: Asked, status: number, code: string | undefined, param?: string][] = [
  // Who asks
  ["no key", { key: null }, 401, undefined],
  ["a wrong key", { key: "sk_test_nobody" }, 401, undefined],
  ["a key that is none", { headers: { authorization: "Bearer" }, key: null }, 401, undefined],
  ["another scheme", { headers: { authorization: "Digest x" }, key: null }, 401, undefined],
  ["an account that is not connected", { headers: { "stripe-account": "acct_unknown" } }, 403, "account_invalid"],
  ["a version that never was", { headers: { "stripe-version": "2020-02-30" } }, 400, undefined],
  // Where
  ["an unknown path", { path: "/v1/unicorns" }, 404, undefined],
  ["a path with a slash too many", { path: "/v1/customers/" }, 404, undefined],
  ["a method that is not served", { method: "PUT" }, 404, undefined],
  ["a method that is not served there", { method: "DELETE" }, 404, undefined],
  ["PATCH for an object", { method: "PATCH", path: "/v1/customers/cus_1" }, 404, undefined],
  ["a path that is no URL", { path: "/v1/customers/%" }, 400, undefined],
  ["an id that is not there", { path: "/v1/customers/cus_none" }, 404, "resource_missing", "id"],
  ["an id as long as a novel", { path: `/v1/customers/${"c".repeat(300)}` }, 404, undefined],
  // How
  ["a body over 1 MB", { body: `description=${"x".repeat(1_000_001)}` }, 413, undefined],
  ["JSON that ends early", json('{"email":'), 400, undefined],
  ["JSON that is no object", json("[1]"), 400, undefined],
  ["bytes that are not UTF-8", { body: Buffer.from([0x61, 0x3d, 0xff]) }, 400, undefined],
  ["an escape that is none", { body: "email=%zz" }, 400, undefined],
  ["an escape that is not UTF-8", { body: "email=%ff" }, 400, undefined],
  ["a bracket that is not closed", { body: "metadata[a=1" }, 400, undefined],
  ["another content type", { type: "application/xml", body: "<customer/>" }, 415, undefined],
  ["too deep a form", { body: deep(9) }, 400, "parameters_too_deep"],
  ["too deep a JSON body", json(`${'{"a":'.repeat(40)}1${"}".repeat(40)}`), 400, "parameters_too_deep"],
  ["too many parameters", { body: many(20_001, (n) => `a[${n}]=`) }, 400, "parameters_too_many"],
  ["a parameter twice", { body: "email=a@example.com&email=b@example.com" }, 400, "parameter_duplicate", "email"],
  ["a value and a hash", { body: "metadata=&metadata[a]=1" }, 400, "parameter_conflict", "metadata[a]"],
  ["a key of JavaScript's", { body: "metadata[__proto__]=1" }, 400, "parameter_unknown"],
  ["a key of JavaScript's in JSON", json('{"__proto__":{"email":"a@example.com"}}'), 400, "parameter_unknown"],
  ["a constructor", { body: "constructor[prototype][x]=1" }, 400, "parameter_unknown"],
  // What
  ["an unknown parameter", { body: "unicorn=1" }, 400, "parameter_unknown", "unicorn"],
  ["an unknown parameter inside", { body: "address[planet]=Earth" }, 400, "parameter_unknown", "address[planet]"],
  ["an array for text", { body: "email[]=a" }, 400, undefined, "email"],
  ["a wrong email", { body: "email=nobody" }, 400, "email_invalid", "email"],
  ["text that is too long", { body: `name=${"x".repeat(5_001)}` }, 400, undefined, "name"],
  ["blank text", { body: "name=%20%20" }, 400, "parameter_invalid_string_blank", "name"],
  ["a wrong number", { ...endpoint(""), method: "GET", path: "/v1/customers?limit=ten" }, 400, "parameter_invalid_integer", "limit"],
  ["metadata that is no hash", { body: "metadata=x" }, 400, undefined, "metadata"],
  ["51 keys of metadata", { body: many(51, (n) => `metadata[k${n}]=1`) }, 400, undefined, "metadata"],
  ["a key of metadata with 41 characters", { body: `metadata[${"k".repeat(41)}]=1` }, 400, undefined, "metadata"],
  ["a value of metadata with 501", { body: `metadata[k]=${"v".repeat(501)}` }, 400, undefined, "metadata[k]"],
  ["a hash in metadata", { body: "metadata[k][l]=1" }, 400, undefined, "metadata[k]"],
  ["expanding what is no property", { body: "expand[]=unicorn" }, 400, undefined],
  ["expanding too deep", { body: "expand[]=a.b.c.d.e" }, 400, undefined],
  ["expanding text", { body: "expand=unicorn" }, 400, undefined, "expand"],
  // Endpoints
  ["no URL", endpoint("enabled_events[]=*"), 400, "parameter_missing", "url"],
  ["an empty URL", endpoint("url=&enabled_events[]=*"), 400, "parameter_invalid_empty", "url"],
  ["a URL without a scheme", endpoint("url=example.com&enabled_events[]=*"), 400, "url_invalid", "url"],
  ["a URL that is none", endpoint("url=https%3A%2F%2F&enabled_events[]=*"), 400, "url_invalid", "url"],
  ["a URL of files", endpoint("url=file%3A%2F%2F%2Fetc%2Fpasswd&enabled_events[]=*"), 400, "url_invalid", "url"],
  ["a URL with a password", endpoint("url=https%3A%2F%2Fa%3Ab%40example.com&enabled_events[]=*"), 400, "url_invalid", "url"],
  ["a cloud machine's own credentials", endpoint("url=http%3A%2F%2F169.254.169.254%2F&enabled_events[]=*"), 400, undefined, "url"],
  ["no events", endpoint("url=https%3A%2F%2Fexample.com"), 400, "parameter_missing", "enabled_events"],
  ["an unknown event type", endpoint("url=https%3A%2F%2Fexample.com&enabled_events[]=payout.pied"), 400, undefined, "enabled_events[0]"],
  ["connect=maybe", endpoint("url=https%3A%2F%2Fexample.com&enabled_events[]=*&connect=maybe"), 400, undefined, "connect"],
  [
    "a version that never was",
    endpoint("url=https%3A%2F%2Fexample.com&enabled_events[]=*&api_version=2020-02-30"),
    400,
    undefined,
    "api_version",
  ],
  // Accounts
  ["both type and controller", { path: "/v1/accounts", body: "type=express&controller[fees][payer]=account" }, 400, "parameters_exclusive"],
  ["an unknown type", { path: "/v1/accounts", body: "type=deluxe" }, 400, undefined, "type"],
  ["an unknown country", { path: "/v1/accounts", body: "country=XX" }, 400, "country_unsupported", "country"],
  // Events
  ["an unknown event", { path: "/v1/events", body: "type=payout.pied&data[object][object]=payout" }, 400, undefined, "type"],
  ["an event without type", { path: "/v1/events", body: "data[object][object]=payout" }, 400, "parameter_missing", "type"],
  ["an event without object", { path: "/v1/events", body: "type=payout.paid" }, 400, "parameter_missing", "data"],
  // Idempotency
  ["a key of 256 characters", { headers: { "idempotency-key": "k".repeat(256) } }, 400, undefined],
];

describe("a wrong request", () => {
  test.each(CASES)("with %s is refused", async (_, asked, status, code, param) => {
    const answer = await ask(asked);
    expect([answer.status, answer.error.code, ...(param === undefined ? [] : [answer.error.param])]).toEqual([
      status,
      code,
      ...(param === undefined ? [] : [param]),
    ]);
    expect(answer.error.type).toBe("invalid_request_error");
    expect(answer.error.message).toMatch(/\S/);
    expect(answer.id).toMatch(/^req_\w{14}$/);
    expect(answer.type).toBe("application/json");
  });

  test("has changed nothing", async () => {
    expect(await everything()).toEqual(before);
  });

  test("with a publishable key is told to take a secret one", async () => {
    expect(await ask({ key: platform.keys.test.publishable })).toMatchObject({ status: 403, error: { code: "secret_key_required" } });
  });
});

describe("what is said back", () => {
  test("the version, the account and the key of a request; its id is the id of its event's request", async () => {
    const { id: account } = await platform.test.accounts.create({ type: "express" });
    const answer = await fetch(`${server.url}/v1/customers`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${platform.keys.test.secret}`,
        "stripe-account": account,
        "stripe-version": "2023-10-16",
        "idempotency-key": "said-back",
      },
    });
    const requestId = answer.headers.get("request-id");
    expect(requestId).toMatch(/^req_\w{14}$/);
    expect([answer.headers.get("stripe-version"), answer.headers.get("stripe-account"), answer.headers.get("idempotency-key")]).toEqual([
      "2023-10-16",
      account,
      "said-back",
    ]);
    const [event] = (await platform.test.events.list({ type: "customer.created" }, { stripeAccount: account })).data;
    expect(event?.request).toEqual({ id: requestId, idempotency_key: "said-back" });
  });

  test("metadata as it is after a change: keys added, replaced, removed by the empty string, all of them by unsetting the hash", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id } = await stripe.customers.create({ metadata: { kept: "1", changed: "1", removed: "1" } });
    expect((await stripe.customers.update(id, { metadata: { changed: "2", removed: "", added: "3" } })).metadata).toEqual({
      kept: "1",
      changed: "2",
      added: "3",
    });
    const [event] = (await stripe.events.list({ type: "customer.updated" })).data;
    expect(event?.data.previous_attributes).toEqual({ metadata: { changed: "1", removed: "1", added: null } });
    expect((await stripe.customers.update(id, { metadata: "" })).metadata).toEqual({});
  });
});
