import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, createPlatform, startCarabiner } from "../../src/index.ts";

/** The request log, as `/console/requests` shows it. */

interface Shown {
  id: string;
  method: string;
  path: string;
  route: string;
  status: number;
  account: string;
  key: string | null;
  idempotency_key: string | null;
  replay_of: string | null;
  error: { name: string; code: string | null; param: string | null; message: string } | null;
  query: Record<string, string> | null;
  params: Record<string, string> | null;
  answer?: string | null;
}

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

async function ask(method: string, path: string, form?: Record<string, string>, headers: Record<string, string> = {}, on = server) {
  const response = await fetch(on.url + path, {
    method,
    headers: { authorization: `Bearer ${on.keys.test.secret}`, ...headers },
    ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
  });
  return {
    id: response.headers.get("request-id") ?? "",
    status: response.status,
    body: (await response.json()) as Record<string, unknown>,
  };
}

/** The log, once it has the request with this id. */
async function logWith(id: string, query = "", headers: Record<string, string> = {}, on = server): Promise<Shown[]> {
  await expect.poll(async () => (await ask("GET", `/console/requests/${id}`, undefined, headers, on)).status).toBe(200);
  return (await ask("GET", `/console/requests?limit=100${query}`, undefined, headers, on)).body.data as Shown[];
}

test("as much is remembered of its path, parameters and answer as the limits say, and the machine's time where it is far from the clock", async () => {
  const on = await startCarabiner({
    limits: { requestPathChars: 30, requestParametersChars: 20, requestAnswerChars: 25, requestClocksApartMs: 5_000 },
  });
  try {
    const { id } = await ask("POST", `/v1/customers/cus_${"x".repeat(60)}`, { description: "d".repeat(60) }, {}, on);
    const [row] = await logWith(id, "", {}, on);
    expect(row?.path).toHaveLength(30);
    expect(row?.params).toEqual({ description: "d".repeat(20) });
    const shown = (await ask("GET", `/console/requests/${id}`, undefined, {}, on)).body;
    expect(shown.answer).toHaveLength(26);
    expect(shown.machine_time).toBeNull();
    await on.clock.advance({ seconds: 4 });
    const near = await ask("POST", "/v1/customers", {}, {}, on);
    await on.clock.advance({ seconds: 2 });
    const far = await ask("POST", "/v1/customers", {}, {}, on);
    const times = (await logWith(far.id, "", {}, on))
      .slice(0, 2)
      .map((one) => (one as Shown & { machine_time: number | null }).machine_time);
    expect(times).toEqual([expect.any(Number), null]);
    expect(near.status).toBe(200);
  } finally {
    await on.close();
  }
});

describe("a request is remembered", () => {
  test("by method, path, status, key and account; reading the console or the clock is not", async () => {
    await ask("GET", "/v1/test_helpers/clock");
    const { body } = await ask("POST", "/v1/accounts", { type: "express" });
    const account = body.id as string;
    const { id } = await ask("POST", "/v1/topups", { amount: "-1" }, { "stripe-account": account, "idempotency-key": "key-1" });
    const [row] = await logWith(id);
    expect(row).toMatchObject({ id, method: "POST", path: "/v1/topups", account, key: expect.stringMatching(/^sk_test_\*{4}/) });
    expect(row).toMatchObject({ idempotency_key: "key-1", replay_of: null });
    expect(row?.status).toBeGreaterThanOrEqual(400);
    expect((await logWith(id)).some(({ path }) => path.startsWith("/console/") || path === "/v1/test_helpers/clock")).toBe(false);
  });

  test("with its error and parameter, and what was asked, but for secrets and identity numbers", async () => {
    const given = { type: "custom", "individual[ssn_last_4]": "6789", email: "a@example.com", wrong: "sk_live_abcdefgh" };
    const { id } = await ask("POST", "/v1/accounts", given);
    const [row] = await logWith(id);
    expect(row?.error).toMatchObject({ name: "parameter_unknown", code: "parameter_unknown", param: "wrong" });
    expect(row?.params).toEqual({ type: "custom", "individual[ssn_last_4]": "****", email: "a@example.com", wrong: "****" });
  });

  test("with an error that does not repeat a value that is masked", async () => {
    const wrong = "day-7-of-canary";
    const sent: [path: string, body: string, type: string][] = [
      [
        "/v1/accounts",
        new URLSearchParams({ type: "custom", "individual[dob][day]": wrong }).toString(),
        "application/x-www-form-urlencoded",
      ],
      ["/v2/core/accounts", JSON.stringify({ identity: { individual: { date_of_birth: { day: wrong } } } }), "application/json"],
    ];
    for (const [path, body, type] of sent) {
      const headers = { authorization: `Bearer ${server.keys.test.secret}`, "content-type": type, "stripe-version": "2026-10-28.endive" };
      const response = await fetch(server.url + path, { method: "POST", headers, body });
      const id = response.headers.get("request-id") ?? "";
      expect([response.status, await response.text()]).toEqual([400, expect.stringContaining(wrong)]);
      expect((await logWith(id))[0]?.error).toMatchObject({ message: expect.stringContaining("…") });
      expect(JSON.stringify((await ask("GET", `/console/requests/${id}`)).body)).not.toContain(wrong);
    }
  });

  test("with its path, its query and the answer, but for secrets and what opens a page", async () => {
    const { body: account } = await ask("POST", "/v1/accounts", { type: "express" });
    const read = await ask("GET", `/v1/accounts/${account.id}?expand[]=settings`);
    const [row] = await logWith(read.id);
    expect(row).toMatchObject({ path: `/v1/accounts/${account.id}`, route: "/v1/accounts/:account", query: { "expand[]": "settings" } });
    expect(row).not.toHaveProperty("answer");
    const shown = async (id: string) => (await logWith(id)) && ((await ask("GET", `/console/requests/${id}`)).body as unknown as Shown);
    expect(JSON.parse((await shown(read.id)).answer ?? "")).toMatchObject({ id: account.id, object: "account" });
    const link = await ask("POST", "/v1/account_links", {
      account: account.id as string,
      type: "account_onboarding",
      return_url: "https://example.com/return",
      refresh_url: "https://example.com/refresh",
    });
    const endpoint = await ask("POST", "/v1/webhook_endpoints", { url: "https://example.com/hook", "enabled_events[]": "*" });
    const intent = await ask("POST", "/v1/payment_intents", { amount: "100", currency: "usd" });
    const pasted = await ask("GET", `/v1/payment_intents/${intent.body.client_secret as string}`);
    for (const { id, secret } of [
      { id: link.id, secret: (link.body.url as string).split("/").at(-1) },
      { id: endpoint.id, secret: endpoint.body.secret },
      { id: intent.id, secret: intent.body.client_secret },
      { id: pasted.id, secret: intent.body.client_secret },
    ]) {
      const kept = JSON.stringify(await shown(id));
      expect(kept).toContain("****");
      expect([secret, kept.includes(secret as string)]).toEqual([secret, false]);
    }
  });

  test("with the answer that was given again", async () => {
    const first = await ask("POST", "/v1/customers", {}, { "idempotency-key": "again" });
    await ask("POST", "/v1/customers", {}, { "idempotency-key": "again" });
    await expect.poll(async () => ((await logWith(first.id))[0] as Shown).replay_of).toBe(first.id);
  });

  test("also when its key was no key, on a dev server", async () => {
    const { id, status } = await ask("GET", "/v1/balance", undefined, { authorization: "Bearer sk_test_wrongwrong" });
    expect(status).toBe(401);
    const [row] = await logWith(id);
    expect(row).toMatchObject({ id, key: null, status: 401, error: { name: "api_key_invalid" } });
    expect(JSON.stringify(row)).not.toContain("wrongwrong");
  });
});

describe("the list", () => {
  test("is narrowed by each filter, and goes on from a cursor on either side", async () => {
    const paid = await ask("GET", "/v1/payouts/po_none");
    const last = await ask("DELETE", "/v1/customers/cus_none");
    await logWith(last.id);
    const paths = async (query: string) => (await logWith(last.id, query)).map(({ path }) => path);
    expect(new Set(await paths("&path=/v1/payouts"))).toEqual(new Set(["/v1/payouts/po_none"]));
    expect(await paths("&path=/v1/payouts/po_n")).toEqual(await paths("&path=/v1/payouts/:payout"));
    expect(new Set(await paths("&method=DELETE"))).toEqual(new Set(["/v1/customers/cus_none"]));
    expect((await logWith(last.id, "&status_class=4xx")).every(({ status }) => status >= 400 && status < 500)).toBe(true);
    expect(await paths("&status=599")).toEqual([]);
    expect((await logWith(last.id, "&error=resource_missing")).map(({ id }) => id).slice(0, 2)).toEqual([last.id, paid.id]);
    expect(await paths("&account=acct_none")).toEqual([]);
    expect(await paths("&until=1")).toEqual([]);
    expect(await paths("&since=4000000000")).toEqual([]);
    expect((await logWith(last.id, `&starting_after=${last.id}`))[0]?.id).toBe(paid.id);
    expect((await logWith(last.id, `&ending_before=${paid.id}`)).map(({ id }) => id)).toEqual([last.id]);
  });

  test.each([
    ["?method=PUT", "method"],
    ["?status_class=6xx", "status_class"],
    ["?status=200&status_class=2xx", "status"],
    ["?starting_after=req_none", "starting_after"],
    ["?since=x", "since"],
  ])("refuses %s", async (query, param) => {
    const { status, body } = await ask("GET", `/console/requests${query}`);
    expect([status, body.error]).toEqual([status, expect.objectContaining({ param })]);
    expect([400, 404]).toContain(status);
  });

  test("is its caller's alone, in its mode", async () => {
    const { id } = await ask("GET", "/v1/balance");
    await logWith(id);
    const live = { authorization: `Bearer ${server.keys.live.secret}` };
    expect((await ask("GET", `/console/requests/${id}`, undefined, live)).status).toBe(404);
    expect((await ask("GET", `/console/requests?ending_before=${id}`, undefined, live)).status).toBe(400);
  });
});

test("a server to rely on remembers no value that was sent, but ids", async () => {
  const store = { file: `${(await import("node:fs")).mkdtempSync(`${(await import("node:os")).tmpdir()}/carabiner-requests-`)}/data.db` };
  const platform = await createPlatform({ store, name: "Acme" });
  await using served = Object.assign(await startCarabiner({ mode: "serve", store }), {
    async [Symbol.asyncDispose]() {
      await served.close();
    },
  });
  const headers = { authorization: `Bearer ${platform.keys.test.secret}` };
  const sent = { "metadata[canary-name]": "canary-value", email: "canary@value.example", "canary-param": "1" };
  const { body: made } = await ask("POST", "/v1/customers", {}, headers, served);
  const customer = made.id as string;
  const named = { ...headers, "idempotency-key": "pasted-sk_live_canary" };
  const { id } = await ask("POST", "/v1/customers", sent, named, served);
  const { id: malformed } = await ask("POST", "/v1/customers", { email: "canary@value" }, headers, served);
  const missing = await ask("GET", "/v1/customers/cus_canary", undefined, headers, served);
  const found = await ask("GET", `/v1/customers/${customer}?limit=canary`, undefined, headers, served);
  const [third, second, refused, first] = await logWith(found.id, "", headers, served);
  expect(third).toMatchObject({ path: `/v1/customers/${customer}`, query: null, params: null });
  expect((await ask("GET", `/console/requests/${found.id}`, undefined, headers, served)).body.answer).toBeNull();
  expect(first).toMatchObject({ id, params: null, error: { param: "*" }, idempotency_key: "pasted-****" });
  expect(second).toMatchObject({ path: "/v1/customers/:customer", error: { message: "No such customer: '…'" } });
  expect(refused).toMatchObject({ id: malformed, error: { message: "Invalid email address: …", param: "email" } });
  expect(JSON.stringify([first, refused, second, third])).not.toContain("canary");
  const strange = await ask("GET", "/v1/balance", undefined, { authorization: "Bearer sk_test_wrongwrong" }, served);
  await ask("GET", "/v1/balance", undefined, headers, served);
  expect((await logWith(missing.id, "", headers, served)).map((row) => row.id)).not.toContain(strange.id);
});
