import { mkdtempSync, rmSync } from "node:fs";
import { type IncomingHttpHeaders, request as send } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase } from "../../../../scripts/test-database.ts";
import { operatorCalls } from "../../src/console/operator-calls.ts";
import { type Carabiner, createPlatform, startCarabiner } from "../../src/index.ts";
import { pageRoutes } from "../../src/pages/pages.ts";
import { png } from "../resources/files/image-fixtures.ts";
import { OPERATIONS, PROCEDURES } from "../resources/one-of-each.ts";
import { TEST_SECRET } from "../store/store-fixture.ts";

/**
 * Text that databases refuse or take for something else, at every door by which text comes in. PostgreSQL keeps no NUL
 * in a text, and looks into no JSON in which one is, or half of a pair of surrogates: one such row would spoil the
 * lists it is in. What receivers and the official CLI say of an attempt is tried in the conformance suite of the
 * stores.
 */

const PIECES = [
  "\0",
  "\ud83d",
  "\udca9",
  "💩",
  "\\",
  "\\u0000",
  "%00",
  '"',
  "'",
  "{",
  "}",
  ",",
  "$1",
  "\r\n",
  "\u2028",
  "\uffff",
  "\ufeff",
  "a",
  "_",
];

/** Behind enough letters that where it is cut off may be inside of it. */
const hostile = fc
  .tuple(fc.constantFrom(0, 0, 0, 30, 190, 250, 254, 505, 511), fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 9 }))
  .map(([letters, pieces]) => "x".repeat(letters) + pieces.join(""));

/** As a form has it. Half of a pair is written as if it were a character, which UTF-8 does not allow. */
function escaped(text: string): string {
  return Array.from(text, (char) => {
    if (char.isWellFormed()) return encodeURIComponent(char);
    const code = char.charCodeAt(0);
    return `%ED%${(0x80 | ((code >> 6) & 0x3f)).toString(16)}%${(0x80 | (code & 0x3f)).toString(16)}`;
  }).join("");
}

/** As a header has it: the bytes of UTF-8, without those that no client can send. */
const inHeader = (text: string): string =>
  Buffer.from(text)
    .toString("latin1")
    .replaceAll(/[^\x20-\x7e\x80-\xff]/g, "");

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

interface Asked {
  method?: string;
  headers?: Record<string, string>;
  json?: unknown;
  form?: string;
  bytes?: Buffer;
}

describe.each(["sqlite", "postgresql"] as const)("on %s", (engine) => {
  let folder: string;
  let server: Carabiner;
  let platform: Awaited<ReturnType<typeof createPlatform>>;
  let operator: { key: string; id: string };
  /** The cookie of an operator's session. */
  let signedIn: string;
  let dropDatabase: () => Promise<unknown>;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "hostile-text-"));
    const database = engine === "postgresql" ? await createTestDatabase() : null;
    dropDatabase = async () => database?.drop();
    const store = database === null ? { file: join(folder, "carabiner.db") } : { url: database.url };
    const secretKeys = { keys: TEST_SECRET };
    platform = await createPlatform({ store, secretKeys, name: "One" });
    server = await startCarabiner({
      mode: "serve",
      store,
      secretKeys,
      allowLocalEndpoints: true,
      controlSocket: join(folder, "control.sock"),
      limits: { dashboardSignInsPerMinute: 1_000_000 },
    });
    operator = JSON.parse((await control("/operator/operators", { method: "POST", json: { name: "alice" } })).text);
    const session = await ask("/console/session", {
      method: "POST",
      headers: { origin: server.url, "sec-fetch-site": "same-origin" },
      form: `key=${operator.key}`,
    });
    signedIn = session.headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
  });
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
    await dropDatabase();
  });

  function ask(path: string, { method = "GET", headers = {}, json, form, bytes }: Asked = {}, socketPath?: string): Promise<Answer> {
    const body = json === undefined ? (form ?? bytes ?? "") : JSON.stringify(json);
    const type =
      json === undefined
        ? form === undefined
          ? {}
          : { "content-type": "application/x-www-form-urlencoded" }
        : { "content-type": "application/json" };
    const where = socketPath === undefined ? { host: server.host, port: server.port } : { socketPath };
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const asked = send({ ...where, path, method, headers: { ...type, ...headers } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() }),
      );
    });
    asked.on("error", reject);
    asked.end(body);
    return promise;
  }
  const control = (path: string, asked: Asked = {}) => ask(path, asked, join(folder, "control.sock"));
  const withKey = (headers: Record<string, string> = {}) => ({
    authorization: `Bearer ${platform.keys.test.secret}`,
    "stripe-version": "2026-01-28.clover",
    ...headers,
  });
  const call = (method: string, path: string, asked: Asked = {}) => ask(path, { method, ...asked, headers: withKey(asked.headers) });
  const made = async (path: string, json: object) => JSON.parse((await call("POST", path, { json })).text);

  /** A body in parts, with a picture under a file name that is given as browsers do, and as RFC 8187 has it. */
  const upload = (name: string, plain = true): Asked => {
    const named = plain ? `filename="${name.replaceAll(/["\r\n]/g, "_")}"` : `filename*=UTF-8''${escaped(name)}`;
    const head = `--XX\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nbusiness_logo\r\n--XX\r\ncontent-disposition: form-data; name="file"; ${named}\r\ncontent-type: image/png\r\n\r\n`;
    return {
      headers: { "content-type": "multipart/form-data; boundary=XX" },
      bytes: Buffer.concat([Buffer.from(head), png(1, 1), Buffer.from("\r\n--XX--\r\n")]),
    };
  };

  async function pay(text: string): Promise<Answer> {
    const { id } = await made("/v1/checkout/sessions", {
      mode: "setup",
      currency: "usd",
      success_url: "https://example.com/done",
      billing_address_collection: "required",
      customer_creation: "always",
    });
    const page = await ask(`/checkout/${id}`);
    const cookie = page.headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
    const token = /name="form_token" value="(\w+)"/.exec(page.text)?.[1] ?? "";
    const card = "card_number=4242424242424242&card_expiry=04%2F40&card_cvc=123";
    const told = ["name", "address_line1", "address_city", "address_postal_code", "address_state"]
      .map((field) => `${field}=${escaped(text)}`)
      .join("&");
    return ask(`/checkout/${id}`, {
      method: "POST",
      headers: { cookie, origin: server.url, "sec-fetch-site": "same-origin" },
      form: `form_token=${token}&email=jenny%40example.com&${card}&address_country=US&${told}`,
    });
  }

  const DOORS: Record<string, (text: string) => Promise<Answer>> = {
    "values and names in JSON": (text) =>
      call("POST", "/v1/customers", { json: { name: text, metadata: { [text.slice(0, 40)]: "1", two: text } } }),
    "values in a form": (text) => call("POST", "/v1/customers", { form: `name=${escaped(text)}&metadata[two]=${escaped(text)}` }),
    "names in a form": (text) => call("POST", "/v1/customers", { form: `metadata[${escaped(text)}]=1` }),
    "a query": (text) => call("GET", `/v1/customers?email=${escaped(text)}`),
    "a cursor": (text) => call("GET", `/v1/customers?starting_after=${escaped(text)}`),
    "a search": (text) => call("GET", `/v1/customers/search?query=${escaped(`name:'${text.replaceAll("'", "")}'`)}`),
    "a page of a search": (text) =>
      call("GET", `/v1/customers/search?query=name%3A%27a%27&page=${Buffer.from(text).toString("base64url")}`),
    "a page of the v2 API": (text) => call("GET", `/v2/core/event_destinations?page=${Buffer.from(`after:${text}`).toString("base64url")}`),
    "what has an id": (text) => call("GET", `/console/search?id=${escaped(text)}`),
    "requests by their path": (text) => call("GET", `/console/requests?path=${escaped(text)}&account=${escaped(text)}`),
    "an event of one's own": (text) =>
      call("POST", "/v1/events", {
        json: { type: "payout.paid", id: text, data: { object: { id: text, object: "payout", [text]: [text] } } },
      }),
    "the object of an event": (text) =>
      call("POST", "/v1/events", { json: { type: "payout.paid", data: { object: { id: text, object: "payout" } } } }),
    "an endpoint": (text) =>
      call("POST", "/v1/webhook_endpoints", { json: { url: `https://example.com/${text}`, enabled_events: ["*"], description: text } }),
    "an account that is closed": async (text) => {
      const { id } = await made("/v1/accounts", { type: "custom", business_profile: { name: text } });
      return id === undefined ? call("GET", "/v1/accounts") : call("DELETE", `/v1/accounts/${id}`);
    },
    "a session of the official CLI": (text) =>
      call("POST", "/v1/stripecli/sessions", {
        json: { device_name: text, websocket_features: ["request_logs"], filters: JSON.stringify({ filter_account: [text] }) },
      }),
    "an idempotency key": (text) =>
      call("POST", "/v1/customers", { json: {}, headers: { "idempotency-key": inHeader(text).slice(0, 255) } }),
    "Stripe-Account": (text) => call("GET", "/v1/customers", { headers: { "stripe-account": inHeader(text) } }),
    "Stripe-Context": (text) => call("GET", "/v1/customers", { headers: { "stripe-context": inHeader(text) } }),
    "Stripe-Version": (text) => call("GET", "/v1/customers", { headers: { "stripe-version": inHeader(text) } }),
    "a key": (text) => ask("/v1/customers", { headers: { authorization: `Basic ${Buffer.from(`${text}:`).toString("base64")}` } }),
    "a file's name": (text) => call("POST", "/v1/files", upload(text)),
    "a file's name in RFC 8187": (text) => call("POST", "/v1/files", upload(text, false)),
    "an operator's call": (text) => control("/operator/platforms", { method: "POST", json: { name: text } }),
    "the path of an operator's call": (text) => control(`/operator/platforms/${escaped(text)}`),
    "the path of an operator's call over HTTP": (text) =>
      ask(`/operator/platforms/${escaped(text)}`, { headers: { authorization: `Bearer ${operator.key}` } }),
    "the audit log": (text) => control(`/operator/audit?account=${escaped(text)}`),
    "signing in": (text) =>
      ask("/console/session", {
        method: "POST",
        headers: { origin: server.url, "sec-fetch-site": "same-origin" },
        form: `key=${escaped(text)}`,
      }),
    "the platform of a page": (text) =>
      ask("/v1/customers", {
        headers: {
          origin: server.url,
          "sec-fetch-site": "same-origin",
          "carabiner-mode": "test",
          cookie: signedIn,
          "carabiner-platform": inHeader(text),
        },
      }),
    "the platform of a stream": (text) =>
      ask(`/console/stream?mode=test&platform=${escaped(text)}`, {
        headers: { origin: server.url, "sec-fetch-site": "same-origin", cookie: signedIn },
      }),
    "what a user typed on a page": pay,
    "asking for access": (text) =>
      ask(
        `/oauth/authorize?response_type=code&client_id=${escaped(text)}&redirect_uri=${escaped(text)}&state=${escaped(text)}&scope=${escaped(text)}`,
      ),
    "a code for a token": (text) =>
      ask("/oauth/token", { method: "POST", headers: withKey(), form: `grant_type=authorization_code&code=${escaped(text)}` }),
    "no access any more": (text) =>
      ask("/oauth/deauthorize", {
        method: "POST",
        headers: withKey(),
        form: `client_id=${platform.applications.test}&stripe_user_id=${escaped(text)}`,
      }),
  };

  test.each(Object.keys(DOORS))("%s: never a failure of the server, whatever the text is", async (door) => {
    const knock = DOORS[door] as (typeof DOORS)[string];
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        const { status, text: said } = await knock(text);
        expect([status < 500, said]).toEqual([true, said]);
      }),
      { numRuns: 30, examples: [["\0"], [`${"x".repeat(254)}💩`], [`${"x".repeat(511)}💩`], ["\ud83d"]] },
    );
  });

  const paths = [...OPERATIONS, ...PROCEDURES, ...pageRoutes, ...operatorCalls].filter(({ path }) => path.includes(":"));
  test.each(["%00", "%ED%A0%BD", "%F0%9F%92%A9", "%5Cu0000"])("with %s in its path no call fails", async (text) => {
    for (const { method, path } of paths) {
      const operators = path.startsWith("/operator/");
      const where = path.replaceAll(/:\w+/g, text);
      const headers = {
        ...(operators ? { authorization: `Bearer ${operator.key}` } : withKey()),
        origin: server.url,
        "sec-fetch-site": "same-origin",
      };
      const answers = [await ask(where, { method, headers }), ...(operators ? [await control(where, { method })] : [])];
      for (const { status, text: said } of answers)
        expect([`${method} ${path}`, status < 500, said]).toEqual([`${method} ${path}`, true, said]);
    }
  });

  test("all lists can be read afterwards, by what their rows hold as well", async () => {
    for (const path of [
      // Nobody has it: all rows are looked at.
      "/v1/customers?email=nobody@example.com",
      "/v1/files?purpose=dispute_evidence",
      "/v1/checkout/sessions?status=expired",
      "/v1/setup_intents?created[lt]=1",
      "/v1/events?types[]=payout.paid&limit=100",
      "/v1/accounts?limit=100",
      "/v1/webhook_endpoints?limit=100",
      "/console/requests?path=/nowhere",
      "/console/deliveries?limit=100",
    ]) {
      const { status, text } = await call("GET", path);
      expect([path, status, text]).toEqual([path, 200, text]);
    }
    for (const path of ["/operator/platforms?limit=100", "/operator/audit?limit=100"]) expect((await control(path)).status).toBe(200);
  });
});
