import type { AddressInfo } from "node:net";
import Stripe from "stripe";
import { describe, expect, test } from "vitest";
import { AUTH, get, KEY, LIVE_KEY, post, setup } from "../../test/http/example-server.ts";

const ONE_A_SECOND = { requestsPerSecondPerKey: 1, requestBurstPerKey: 2 };
const asked = (key: string) => post("name=x", { authorization: `Bearer ${key}` });

describe("too many requests with one key", () => {
  test("are refused in the envelope, before anything is asked of the store; others are not", async () => {
    const { app, state, objects } = setup(ONE_A_SECOND);
    const statuses: number[] = [];
    for (let n = 0; n < 5; n++) statuses.push((await app.inject(asked(KEY))).statusCode);
    expect(statuses).toEqual([200, 200, 429, 429, 429]);
    expect([state.commits, objects().length]).toEqual([2, 2]);
    const { statusCode, headers, ...refused } = await app.inject({ ...asked(KEY), payload: "x".repeat(2_000_000) });
    expect(statusCode).toBe(429);
    expect(headers).toMatchObject({ "stripe-should-retry": "true", "retry-after": "1", "request-id": expect.stringMatching(/^req_/) });
    expect(refused.json().error).toEqual({
      type: "invalid_request_error",
      code: "rate_limit",
      message: expect.stringContaining("rate limit"),
      doc_url: expect.any(String),
    });
    expect((await app.inject(asked(LIVE_KEY))).statusCode).toBe(200);
  });

  test("are answered again as time passes", async () => {
    const { app, advance } = setup(ONE_A_SECOND);
    for (let n = 0; n < 3; n++) await app.inject(asked(KEY));
    advance(999);
    expect((await app.inject(asked(KEY))).statusCode).toBe(429);
    advance(1);
    expect((await app.inject(asked(KEY))).statusCode).toBe(200);
    expect((await app.inject(asked(KEY))).statusCode).toBe(429);
  });

  test("are counted by key, also as a Basic user", async () => {
    const { app } = setup(ONE_A_SECOND);
    const basic = post("name=x", { authorization: `Basic ${Buffer.from(`${KEY}:`).toString("base64")}` });
    expect((await app.inject(basic)).statusCode).toBe(200);
    expect((await app.inject(asked(KEY))).statusCode).toBe(200);
    expect((await app.inject(basic)).statusCode).toBe(429);
  });

  test("do not count against the keys of others, and guesses do not against good ones", async () => {
    const { app } = setup(ONE_A_SECOND);
    expect((await app.inject(asked(KEY))).statusCode).toBe(200);
    const guesses: number[] = [];
    for (let n = 0; n < 4; n++) guesses.push((await app.inject(asked(`sk_test_guess${n}`))).statusCode);
    expect(guesses).toEqual([401, 401, 429, 429]);
    expect((await app.inject(asked(KEY))).statusCode).toBe(200);
  });

  test("leave a request without a key to be told so", async () => {
    const { app } = setup(ONE_A_SECOND);
    for (let n = 0; n < 4; n++) expect((await app.inject({ ...post("name=x"), headers: {} })).statusCode).toBe(401);
  });

  test("are tried again by the official SDK", async () => {
    const { app, lines, advance } = setup(ONE_A_SECOND);
    await app.listen({ port: 0, host: "127.0.0.1" });
    const { port } = app.server.address() as AddressInfo;
    const sdk = (maxNetworkRetries: number) =>
      new Stripe(KEY, { host: "127.0.0.1", port, protocol: "http", maxNetworkRetries, telemetry: false });
    for (let n = 0; n < 2; n++) await sdk(0).rawRequest("GET", "/v1/gadgets");
    await expect(sdk(0).rawRequest("GET", "/v1/gadgets")).rejects.toBeInstanceOf(Stripe.errors.StripeRateLimitError);
    const seen = lines.length;
    const again = sdk(1).rawRequest("GET", "/v1/gadgets");
    await expect.poll(() => lines.slice(seen).join("")).toContain("rate_limited");
    // The SDK waits as long as the answer asks; the test sets the server's clock.
    advance(1_000);
    expect(await again).toMatchObject({ object: "list" });
  });
});

describe("too many requests from one address", () => {
  const BY_ADDRESS = { requestsPerSecondPerAddress: 1, requestBurstPerAddress: 3 };
  const from = (remoteAddress: string, url = "/v1/gadgets", headers = {}) => ({ ...get(url, headers), remoteAddress });

  test("are refused, whatever they are for and whatever they bring; probes are not", async () => {
    const { app } = setup(BY_ADDRESS);
    const statuses: number[] = [];
    for (const url of [
      "/v1/gadgets",
      "/page",
      "/nothing",
      "/v1/gadgets",
      "/page",
      "/nothing",
      "/v1/gadgets/%",
      `/v1/gadgets/${"x".repeat(300)}`,
    ])
      statuses.push((await app.inject(from("203.0.113.1", url))).statusCode);
    expect(statuses).toEqual([200, 200, 404, 429, 429, 429, 429, 429]);
    for (let n = 0; n < 10; n++) expect((await app.inject(from("203.0.113.1", "/health"))).statusCode).toBe(200);
    expect((await app.inject(from("203.0.113.2"))).statusCode).toBe(200);
  });

  test("are counted by the address a trusted proxy tells, and by no other", async () => {
    const { app } = setup(BY_ADDRESS, ["10.0.0.0/8"]);
    const count = async (remoteAddress: string, forwarded: (n: number) => string) => {
      let answered = 0;
      for (let n = 0; n < 10; n++)
        if ((await app.inject(from(remoteAddress, "/page", { "x-forwarded-for": forwarded(n) }))).statusCode === 200) answered++;
      return answered;
    };
    expect(await count("10.0.0.1", (n) => `198.51.100.${n}`)).toBe(10);
    expect(await count("10.0.0.1", (n) => `198.51.100.${n}, 203.0.113.1`)).toBe(3);
    expect(await count("203.0.113.2", (n) => `198.51.100.${n}`)).toBe(3);
    expect(await count("2001:db8::1", () => "")).toBe(3);
    expect(await count("2001:db8::2", () => "")).toBe(0);
  });
});

test("without limits nothing is refused", async () => {
  const { app } = setup();
  const statuses = new Set<number>();
  for (let n = 0; n < 300; n++) statuses.add((await app.inject({ ...get("/v1/gadgets"), headers: AUTH })).statusCode);
  expect([...statuses]).toEqual([200]);
});
