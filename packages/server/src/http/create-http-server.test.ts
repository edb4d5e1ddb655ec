import { readdirSync, readFileSync } from "node:fs";
import { type AddressInfo, connect } from "node:net";
import { LATEST_API_VERSION } from "@carabiner/protocol";
import type { InjectOptions } from "fastify";
import Stripe from "stripe";
import { describe, expect, test } from "vitest";
import { AUTH, BUG, FORM, get, KEY, LIVE_KEY, picture, post, seen, setup } from "../../test/http/example-server.ts";
import { DEFAULT_LIMITS, type Limits } from "../limits.ts";
import type { Json } from "../store/contract/rows.ts";

describe("an answer", () => {
  test("is JSON printed as Stripe prints it, with the request's id and version", async () => {
    const { app } = setup();
    const answer = await app.inject(post("name=x&company[name]=y", { "stripe-version": "2023-10-16" }));
    expect(answer.statusCode).toBe(200);
    expect(answer.headers["content-type"]).toBe("application/json");
    expect(answer.headers["request-id"]).toMatch(/^req_\w{14}$/);
    expect(answer.headers["stripe-version"]).toBe("2023-10-16");
    expect(answer.headers["idempotent-replayed"]).toBeUndefined();
    const { id } = answer.json();
    expect(answer.body).toBe(JSON.stringify({ id, object: "gadget", name: "x", company: { name: "y" }, owner: null }, null, 2));
    expect(seen).toEqual([
      {
        request: { id: answer.headers["request-id"], idempotencyKey: null },
        account: "acct_platform",
        livemode: false,
        apiVersion: "2023-10-16",
      },
    ]);
  });

  test("is rendered in the account's version by default", async () => {
    const { app } = setup();
    expect((await app.inject(get("/v1/gadgets"))).headers["stripe-version"]).toBe("2024-06-20");
  });

  test("takes the key as a Basic user", async () => {
    const { app } = setup();
    const authorization = `Basic ${Buffer.from(`${KEY}:`).toString("base64")}`;
    expect((await app.inject(get("/v1/gadgets", { authorization }))).statusCode).toBe(200);
  });

  test.each([
    ["a form", post("name=x&tags[]=a&tags[]=b&metadata[n]=1&amount=5&on=true")],
    ["a form with indexes and encoded brackets", post("name=x&tags%5B0%5D=a&tags%5B1%5D=b&metadata%5Bn%5D=1&amount=5&on=true")],
    [
      "JSON",
      post(JSON.stringify({ name: "x", tags: ["a", "b"], metadata: { n: 1 }, amount: 5, on: true }), {
        "content-type": "application/json; charset=utf-8",
      }),
    ],
    ["a query", { ...post(""), url: "/v1/gadgets?name=x&tags[]=a&tags[]=b&metadata[n]=1&amount=5&on=true" }],
    ["both", { ...post("tags[]=a&tags[]=b&metadata[n]=1"), url: "/v1/gadgets?name=x&amount=5&on=true" }],
    [
      "JSON and a query",
      {
        ...post('{"tags":["a","b"],"metadata":{"n":1}}', { "content-type": "application/json" }),
        url: "/v1/gadgets?name=x&amount=5&on=true",
      },
    ],
    ["a body of no stated type", { ...post("name=x&tags[]=a&tags[]=b&metadata[n]=1&amount=5&on=true"), headers: AUTH }],
  ])("means the same for %s", async (_, request) => {
    const { app } = setup();
    expect((await app.inject(request)).json()).toMatchObject({ name: "x", tags: ["a", "b"], metadata: { n: "1" }, amount: 5, on: true });
  });

  test.each([undefined, "text/plain", "application/json", "nonsense"])("needs no body, with content type %s", async (type) => {
    const { app } = setup();
    const answer = await app.inject({
      method: "DELETE",
      url: "/v1/gadgets/x",
      headers: { ...AUTH, ...(type ? { "content-type": type } : {}) },
    });
    expect(answer.json()).toMatchObject({ id: "x", deleted: true, why: null });
  });

  test.each(["?why=because", ""])("takes the parameters of a DELETE from %j or a body", async (query) => {
    const { app } = setup();
    const payload = query === "" ? "why=because" : "";
    const answer = await app.inject({ method: "DELETE", url: `/v1/gadgets/x${query}`, headers: { ...AUTH, ...FORM }, payload });
    expect(answer.json()).toMatchObject({ why: "because" });
  });

  test("to a GET with a form's content type, and one with a form", async () => {
    const { app } = setup();
    expect((await app.inject(get("/v1/gadgets?limit=3", FORM))).statusCode).toBe(200);
    expect((await app.inject({ ...get("/v1/gadgets", FORM), payload: "limit=x" })).json().error.param).toBe("limit");
  });

  test("of a route that is no operation has a request id too", async () => {
    const { app } = setup();
    const answer = await app.inject("/health");
    expect([answer.body, answer.headers["request-id"]]).toEqual(["well", expect.stringMatching(/^req_/)]);
  });
});

describe("Stripe-Account", () => {
  test.each([
    [KEY, "acct_platform", "acct_platform"],
    [KEY, "acct_connected", "acct_connected"],
    [KEY, "acct_livelinked", "acct_livelinked"],
    [LIVE_KEY, "acct_livelinked", "acct_livelinked"],
  ])("%s may act for %s", async (key, header, account) => {
    const { app } = setup();
    const answer = await app.inject(post("name=x", { authorization: `Bearer ${key}`, "stripe-account": header }));
    expect(answer.statusCode).toBe(200);
    expect(answer.headers["stripe-account"]).toBe(header);
    expect(seen[0]).toMatchObject({ account, livemode: key === LIVE_KEY });
  });

  test("may be given as Stripe-Context, which supersedes it; two that differ are no account", async () => {
    const { app } = setup();
    const as = (headers: Record<string, string>) => app.inject(post("name=x", headers));
    expect((await as({ "stripe-context": "acct_connected" })).statusCode).toBe(200);
    expect(seen[0]).toMatchObject({ account: "acct_connected" });
    expect((await as({ "stripe-context": "acct_connected", "stripe-account": "acct_connected" })).statusCode).toBe(200);
    for (const headers of [
      { "stripe-context": "acct_stranger" },
      { "stripe-context": "" },
      { "stripe-context": "acct_connected", "stripe-account": "acct_livelinked" },
    ])
      expect((await as(headers)).json().error.code).toBe("account_invalid");
  });

  test.each([
    [LIVE_KEY, "acct_connected"],
    [KEY, "acct_stranger"],
    [KEY, "acct_gone"],
    [KEY, "acct_unknown"],
    [KEY, ""],
  ])("%s may not act for %j", async (key, header) => {
    const { app } = setup();
    const answer = await app.inject(post("name=x", { authorization: `Bearer ${key}`, "stripe-account": header }));
    expect([answer.statusCode, answer.json().error.code]).toEqual([403, "account_invalid"]);
    expect(answer.body).not.toContain(key);
  });
});

// One request for every error that this server raises itself, and not a resource.
const many = (count: number) => Array.from({ length: count }, (_, index) => `tags[${index}]=a`).join("&");
const ERRORS: [name: string, request: InjectOptions, status: number, type: string, code: string | undefined, param: string | undefined][] =
  [
    ["api_key_missing", { ...post("name=x"), headers: FORM }, 401, "invalid_request_error", undefined, undefined],
    ["api_key_missing", post("name=x", { authorization: "Bearer" }), 401, "invalid_request_error", undefined, undefined],
    ["api_key_missing", post("name=x", { authorization: "Digest abc" }), 401, "invalid_request_error", undefined, undefined],
    [
      "api_key_invalid",
      post("name=x", { authorization: "Bearer sk_test_wrong56789abcdefghij" }),
      401,
      "invalid_request_error",
      undefined,
      undefined,
    ],
    [
      "api_key_invalid",
      post("name=x", { authorization: `Bearer sk_test_${"x".repeat(300)}` }),
      401,
      "invalid_request_error",
      undefined,
      undefined,
    ],
    [
      "api_key_invalid",
      post("name=x", { authorization: "Bearer sk_test_gone6789abcdefghij" }),
      401,
      "invalid_request_error",
      undefined,
      undefined,
    ],
    [
      "api_key_invalid",
      post("nonsense=%zz", { authorization: "Bearer sk_test_wrong56789abcdefghij" }),
      401,
      "invalid_request_error",
      undefined,
      undefined,
    ],
    [
      "api_key_expired",
      post("name=x", { authorization: "Bearer sk_test_old56789abcdefghij" }),
      401,
      "invalid_request_error",
      "api_key_expired",
      undefined,
    ],
    [
      "secret_key_required",
      post("name=x", { authorization: "Bearer pk_test_0123456789abcdefghij" }),
      403,
      "invalid_request_error",
      "secret_key_required",
      undefined,
    ],
    [
      "platform_api_key_expired",
      post("name=x", { authorization: "Bearer sk_test_granted9abcdefghij" }),
      401,
      "invalid_request_error",
      "platform_api_key_expired",
      undefined,
    ],
    ["connection_read_only", post("name=x", { "stripe-account": "acct_readonly" }), 403, "invalid_request_error", undefined, undefined],
    [
      "own_key_required",
      { ...post("name=x", { "stripe-account": "acct_connected" }), url: "/v1/own_gadgets" },
      403,
      "invalid_request_error",
      undefined,
      undefined,
    ],
    ["account_invalid", post("name=x", { "stripe-account": "acct_stranger" }), 403, "invalid_request_error", "account_invalid", undefined],
    ["url_unknown_to_stripe", get("/v1/nothing?secret=1"), 404, "invalid_request_error", undefined, undefined],
    ["url_unknown_to_stripe", { method: "PUT", url: "/v1/gadgets", headers: AUTH }, 404, "invalid_request_error", undefined, undefined],
    ["url_unknown_to_stripe", { method: "HEAD", url: "/v1/gadgets", headers: AUTH }, 404, "invalid_request_error", undefined, undefined],
    ["url_unknown_to_stripe", get(`/v1/gadgets/${"x".repeat(300)}`), 404, "invalid_request_error", undefined, undefined],
    ["url_not_recognized", get("/console/nothing"), 404, "invalid_request_error", undefined, undefined],
    ["url_not_here", get("/v1/reviews/prv_1"), 404, "invalid_request_error", undefined, undefined],
    ["url_out_of_scope", get("/v1/subscriptions"), 404, "invalid_request_error", undefined, undefined],
    ["url_without_id", get("/v1/gadgets/"), 404, "invalid_request_error", undefined, undefined],
    ["url_without_id", { ...post("name=x"), url: "/v1/gadgets//close" }, 404, "invalid_request_error", undefined, undefined],
    ["request_malformed", get("/v1/gadgets/%zz"), 400, "invalid_request_error", undefined, undefined],
    ["request_malformed", get("/v1/gadgets/a%00b"), 400, "invalid_request_error", undefined, undefined],
    ["request_malformed", get("/v1/gadgets?limit=%ff"), 400, "invalid_request_error", undefined, undefined],
    ["api_version_invalid", get("/v1/gadgets", { "stripe-version": "2020-02-30" }), 400, "invalid_request_error", undefined, undefined],
    ["body_too_large", post(`name=${"x".repeat(1_000_001)}`), 413, "invalid_request_error", undefined, undefined],
    ["content_type_unsupported", post("name", { "content-type": "text/plain" }), 415, "invalid_request_error", undefined, undefined],
    ["content_type_unsupported", post("name", { "content-type": "nonsense" }), 415, "invalid_request_error", undefined, undefined],
    ["upload_malformed", picture("--x"), 400, "invalid_request_error", undefined, undefined],
    ["upload_malformed", picture("", { "content-type": "multipart/form-data" }), 400, "invalid_request_error", undefined, undefined],
    ["content_type_unsupported", { ...picture(), url: "/v1/gadgets" }, 415, "invalid_request_error", undefined, undefined],
    ["body_malformed", post("name=%zz"), 400, "invalid_request_error", undefined, undefined],
    ["body_malformed", post("name", { "content-type": "application/json" }), 400, "invalid_request_error", undefined, undefined],
    ["body_malformed", { ...post(""), payload: Buffer.from([0x61, 0x3d, 0xff]) }, 400, "invalid_request_error", undefined, undefined],
    ["body_malformed", post("name=x", { "content-length": "5" }), 400, "invalid_request_error", undefined, undefined],
    ["parameter_depth", post(`a${"[b]".repeat(8)}=1`), 400, "invalid_request_error", "parameters_too_deep", `a${"[b]".repeat(8)}`],
    ["parameter_count", post(many(20_001)), 400, "invalid_request_error", "parameters_too_many", undefined],
    ["parameter_duplicate", post("name=1&name=2"), 400, "invalid_request_error", "parameter_duplicate", "name"],
    ["parameter_duplicate", { ...post("name=1"), url: "/v1/gadgets?name=2" }, 400, "invalid_request_error", "parameter_duplicate", "name"],
    [
      "parameter_duplicate",
      { ...post('{"name":"1"}', { "content-type": "application/json" }), url: "/v1/gadgets?name=2" },
      400,
      "invalid_request_error",
      "parameter_duplicate",
      "name",
    ],
    ["parameter_conflict", post("company=1&company[name]=2"), 400, "invalid_request_error", "parameter_conflict", "company[name]"],
    ["parameter_name_forbidden", post("metadata[__proto__]=1"), 400, "invalid_request_error", "parameter_unknown", "metadata[__proto__]"],
    ["parameter_missing", post(""), 400, "invalid_request_error", "parameter_missing", "name"],
    ["parameter_unknown", post("name=x&company[name]=y&company[foo]=1"), 400, "invalid_request_error", "parameter_unknown", "company[foo]"],
    ["parameters_unknown", post("name=x&foo=1&bar=2"), 400, "invalid_request_error", "parameter_unknown", "foo"],
    ["parameter_invalid_empty", post("name="), 400, "invalid_request_error", "parameter_invalid_empty", "name"],
    ["parameter_invalid_integer", post("name=x&amount=y"), 400, "invalid_request_error", "parameter_invalid_integer", "amount"],
    ["parameter_invalid_number", post("name=x&share=y"), 400, "invalid_request_error", undefined, "share"],
    ["parameter_invalid_boolean", post("name=x&on=y"), 400, "invalid_request_error", undefined, "on"],
    ["parameter_invalid_string", post("name[x]=y"), 400, "invalid_request_error", undefined, "name"],
    ["parameter_invalid_string_blank", post("name=+"), 400, "invalid_request_error", "parameter_invalid_string_blank", "name"],
    ["parameter_invalid_length", post(`name=${"x".repeat(101)}`), 400, "invalid_request_error", undefined, "name"],
    ["parameter_invalid_array", post("name=x&tags=y"), 400, "invalid_request_error", undefined, "tags"],
    ["parameter_invalid_object", post("name=x&company=y"), 400, "invalid_request_error", undefined, "company"],
    ["value_not_here", post("name=x&kind=c"), 400, "invalid_request_error", undefined, "kind"],
    [
      "parameter_not_here",
      post("name=x&company[name]=y&company[tax]=1"),
      400,
      "invalid_request_error",
      "parameter_unknown",
      "company[tax]",
    ],
    ["parameter_invalid_enum", post("name=x&kind=y"), 400, "invalid_request_error", undefined, "kind"],
    ["integer_below_minimum", post("name=x&amount=-1"), 400, "invalid_request_error", "parameter_invalid_integer", "amount"],
    ["integer_above_maximum", post("name=x&amount=101"), 400, "invalid_request_error", "parameter_invalid_integer", "amount"],
    ["parameter_too_many_items", post(`name=x&${many(4)}`), 400, "invalid_request_error", undefined, "tags"],
    [
      "metadata_too_many_keys",
      post(`name=x&${many(51).replaceAll("tags", "metadata")}`),
      400,
      "invalid_request_error",
      undefined,
      "metadata",
    ],
    ["metadata_key_invalid", post(`name=x&metadata[${"k".repeat(41)}]=1`), 400, "invalid_request_error", undefined, "metadata"],
    ["metadata_value_too_long", post(`name=x&metadata[k]=${"v".repeat(501)}`), 400, "invalid_request_error", undefined, "metadata[k]"],
    ["expand_invalid", post("name=x&expand[]=company&expand[]=price.x"), 400, "invalid_request_error", undefined, "expand[1]"],
    ["expand_invalid_in_list", get("/v1/gadgets?expand[]=company"), 400, "invalid_request_error", undefined, "expand[0]"],
    ["expand_too_deep", get("/v1/gadgets?expand[]=data.owner.owner.owner.owner"), 400, "invalid_request_error", undefined, "expand[0]"],
    [
      "idempotency_key_too_long",
      post("name=x", { "idempotency-key": "k".repeat(256) }),
      400,
      "invalid_request_error",
      undefined,
      undefined,
    ],
    ["resource_missing", get("/v1/gadgets/nothing"), 404, "invalid_request_error", "resource_missing", "id"],
    ["internal_error", post("name=bug"), 500, "api_error", undefined, undefined],
    ["internal_error", get("/v1/writes"), 500, "api_error", undefined, undefined],
  ];
/** Errors that take more than one request to cause. Each has its own test below. */
const ERRORS_BELOW = [
  // By `test/service/nodes.test.ts`: only a server of a shared database has roles.
  "api_role_missing",
  "idempotency_mismatch",
  "idempotency_key_in_use",
  "storage_unavailable",
  "server_stopping",
  "request_headers_too_large",
  "request_timeout",
  // By `test/resources/tokens/ephemeral-keys.test.ts`: such a key has to be made first.
  "ephemeral_key_forbidden",
  // By `test/api/v2-requests.test.ts`: only paths of the v2 API need JSON.
  "content_type_not_json",
  // By `test/resources/event-destinations`: only paths of the v2 API need a version.
  "api_version_missing",
  // By `test/resources/tokens/account-person-tokens.test.ts`: no other calls need such a key.
  "publishable_key_required",
  // By `test/api/restricted-keys.test.ts`: such a key has to be made first.
  "restricted_key_refused",
  "permission_missing",
  // By `test/operators.test.ts` of the command: operators have separate calls.
  "operator_key_missing",
  "operator_not_encrypted",
  "operator_local_only",
  "operator_read_only",
  // By `test/dashboard/sessions.test.ts`: someone has to sign in first.
  "session_ended",
  "session_mode_missing",
  "session_platform_missing",
  "session_read_only",
  "sign_in_not_encrypted",
];

describe("errors", () => {
  test.each(ERRORS)("%s", async (name, request, status, type, code, param) => {
    const { app, objects, lines } = setup();
    const answer = await app.inject(request);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers["request-id"]).toMatch(/^req_\w{14}$/);
    expect(answer.headers["content-type"]).toBe("application/json");
    const error = request.method === "HEAD" ? { type } : answer.json().error;
    expect({ type: error.type, code: error.code, param: error.param }).toEqual({ type, code, param });
    expect(objects()).toEqual([]);
    const line = lines.map((text) => JSON.parse(text)).find(({ msg }) => msg === "request");
    expect(line).toMatchObject({ error: name, status, requestId: answer.headers["request-id"] });
  });

  test("all that can come from here have a test", () => {
    const named = ["../api/", "./"].flatMap((folder) => {
      const url = new URL(folder, import.meta.url);
      const sources = readdirSync(url).filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
      return sources.flatMap((file) =>
        [...readFileSync(new URL(file, url), "utf8").matchAll(/apiError\(\s*"(\w+)"/g)].map((match) => match[1]),
      );
    });
    const conditional = ["body_malformed", "request_malformed", "parameter_duplicate", "parameter_conflict"];
    const tested = new Set([...ERRORS.map(([name]) => name), ...ERRORS_BELOW]);
    expect(named.length).toBeGreaterThan(30);
    expect([...new Set([...named, ...conditional])].filter((name) => !tested.has(name as string))).toEqual([]);
  });

  test("a file comes with the parameters beside it, to calls that take one", async () => {
    const { app } = setup();
    const title = '--x\r\nContent-Disposition: form-data; name="title"\r\n\r\nA picture\r\n--x--';
    expect((await app.inject(picture(title))).json()).toEqual({ title: "A picture", name: "a", size: 1 });
    const none = { ...post("title=None"), url: "/v1/pictures" };
    expect((await app.inject(none)).json()).toEqual({ title: "None", name: null, size: null });
  });

  test("a key is never said back whole", async () => {
    const { app } = setup();
    const wrong = "sk_test_wrong56789abcdefghij";
    const answer = await app.inject(post("name=x", { authorization: `Bearer ${wrong}` }));
    expect(answer.json().error.message).toBe("Invalid API Key provided: sk_test_****ghij");
  });

  test("a bug is logged with its stack, and callers do not see it", async () => {
    const { app, lines } = setup();
    const answer = await app.inject(post("name=bug"));
    expect(answer.body).not.toContain("a bug");
    const [failure] = lines.map((text) => JSON.parse(text)).filter(({ level }) => level === 50);
    expect(failure).toMatchObject({ requestId: answer.headers["request-id"], failure: { message: BUG.message, stack: BUG.stack } });
  });

  test("a store that cannot store says so, and that a retry may help", async () => {
    const { app, state } = setup();
    state.unavailable = true;
    const answer = await app.inject(post("name=x"));
    expect([answer.statusCode, answer.json().error.type, answer.headers["stripe-should-retry"]]).toEqual([503, "api_error", "true"]);
    state.unavailable = false;
    expect((await app.inject(post("name=x"))).statusCode).toBe(200);
  });

  test("a stopping server refuses, and closes the connection", async () => {
    const { app, stop, objects } = setup();
    await app.ready();
    stop.abort();
    for (const request of [post("name=x"), get("/v1/nothing")]) {
      const answer = await app.inject(request);
      expect([answer.statusCode, answer.json().error.type]).toEqual([503, "api_error"]);
      expect(answer.headers).toMatchObject({
        connection: "close",
        "stripe-should-retry": "true",
        "request-id": expect.stringMatching(/^req_/),
      });
    }
    expect(objects()).toEqual([]);
  });

  describe("a browser that opens a page", () => {
    /** What Java's own client asks for. */
    const JAVA = { accept: "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2" };
    const BROWSER = { accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" };

    test("reads why there is none, and the page loads again once the server may be back", async () => {
      const { app, stop } = setup({ failedPageReloadMs: 6_000 });
      await app.ready();
      stop.abort();
      const page = await app.inject({ url: "/dashboard/events/evt_1", headers: BROWSER });
      expect(page.statusCode).toBe(503);
      expect(page.headers).toMatchObject({
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
        connection: "close",
        "request-id": expect.stringMatching(/^req_/),
        "retry-after": "1",
        refresh: "6",
      });
      expect(page.body).toContain("It is shutting down or restarting.");
      expect(page.body).toContain('<a href="">');
      // A form is not sent again automatically.
      const form = await app.inject({ method: "POST", url: "/setup/x", headers: BROWSER });
      expect([form.statusCode, form.headers.refresh]).toEqual([503, undefined]);
      expect(form.body).toContain("let the browser repeat what you sent");
    });

    test("is told of an address that there is not, and what it shows of it is text", async () => {
      const { app } = setup();
      const page = await app.inject({ url: "/<script>alert(1)</script>", headers: BROWSER });
      expect([page.statusCode, page.headers["content-type"], page.headers.refresh]).toEqual([404, "text/html; charset=utf-8", undefined]);
      expect(page.body).toContain("There is no such page");
      expect(page.body).not.toContain("<script>");
    });

    test("reads JSON where programs do, and so does whoever asks for no page", async () => {
      const { app, stop } = setup();
      await app.ready();
      expect((await app.inject({ url: "/v1/nothing", headers: BROWSER })).headers["content-type"]).toBe("application/json");
      stop.abort();
      for (const request of [
        { url: "/v1/gadgets", headers: BROWSER },
        { url: "/v2/core/accounts", headers: BROWSER },
        { url: "/console/events", headers: BROWSER },
        { url: "/readyz", headers: BROWSER },
        { url: "/openapi.json", headers: BROWSER },
        { url: "/operator/platforms", headers: BROWSER },
        { method: "POST", url: "/oauth/token", headers: JAVA },
        { method: "POST", url: "/oauth/deauthorize", headers: JAVA },
        { url: "/dashboard/session", headers: { accept: "*/*" } },
      ] as const)
        expect((await app.inject(request)).headers["content-type"], request.url).toBe("application/json");
    });
  });
});

describe("on a socket", () => {
  async function listening(limits: Partial<Limits> = {}) {
    const made = setup(limits);
    await made.app.listen({ port: 0, host: "127.0.0.1" });
    return { ...made, port: (made.app.server.address() as AddressInfo).port };
  }

  /** Everything the server says to these bytes until it closes the connection. */
  function conversation(port: number, bytes: string): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    let said = "";
    socket.on("data", (chunk) => (said += chunk)).on("close", () => resolve(said));
    socket.on("error", reject);
    return promise;
  }

  test.each([
    ["request_malformed", "nonsense\r\n\r\n", 400],
    ["request_headers_too_large", `GET /v1/gadgets HTTP/1.1\r\nHost: x\r\nX-Big: ${"x".repeat(20_000)}\r\n\r\n`, 431],
    ["request_timeout", "POST /v1/gadgets HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n", 408],
  ])("%s is in the envelope, with a request id", async (name, bytes, status) => {
    const { port, lines } = await listening({ requestTimeoutMs: name === "request_timeout" ? 40 : DEFAULT_LIMITS.requestTimeoutMs });
    const said = await conversation(port, bytes);
    expect(said).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(said).toMatch(/\r\nRequest-Id: req_\w{14}\r\n/);
    expect(JSON.parse(said.slice(said.indexOf("\r\n\r\n"))).error.type).toBe("invalid_request_error");
    expect(lines.map((line) => JSON.parse(line).error)).toEqual([name]);
  });

  test("a call that was made is answered, also if nonsense follows it at once", async () => {
    const { port, objects, lines } = await listening();
    const head = ["POST /v1/gadgets HTTP/1.1", "Host: x", `Authorization: ${AUTH.authorization}`, `Content-Type: ${FORM["content-type"]}`];
    const said = await conversation(port, [...head, "Content-Length: 6", "", "name=xnonsense", "", ""].join("\r\n"));
    expect(said.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 400"]);
    expect(objects()).toHaveLength(1);
    expect(lines.map((line) => JSON.parse(line).error)).toEqual([undefined, "request_malformed"]);
  });

  test("a request under way when the server stops is answered, and its connection ends", async () => {
    const { app, port, stop } = await listening();
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    app.server.once("request", () => {
      stop.abort();
      socket.write("me=x");
    });
    const head = ["POST /v1/gadgets HTTP/1.1", "Host: x", `Authorization: ${AUTH.authorization}`, `Content-Type: ${FORM["content-type"]}`];
    const socket = connect(port, "127.0.0.1", () => socket.write([...head, "Content-Length: 6", "", "na"].join("\r\n")));
    let said = "";
    socket.on("data", (chunk) => (said += chunk)).on("close", () => resolve(said));
    socket.on("error", reject);
    expect(await promise).toMatch(/^HTTP\/1\.1 200 [\s\S]*\r\nConnection: close\r\n/);
  });

  test("the official SDK creates, reads, lists, expands, retries and fails as it does with Stripe", async () => {
    const { port, objects } = await listening();
    const stripe = new Stripe(KEY, { host: "127.0.0.1", port, protocol: "http", maxNetworkRetries: 0, telemetry: false });
    const call = (method: string, path: string, given: Record<string, Json>, options: Stripe.RequestOptions = {}) =>
      stripe.rawRequest(method, path, given, options) as Promise<Stripe.Response<Record<string, unknown>>>;

    const owner = await call("POST", "/v1/gadgets", { name: "Jenny & Söhne", tags: ["a", "b"], metadata: { order: "6735" } });
    expect(owner).toMatchObject({ name: "Jenny & Söhne", tags: ["a", "b"], metadata: { order: "6735" } });
    expect(owner.lastResponse).toMatchObject({ requestId: expect.stringMatching(/^req_/), apiVersion: LATEST_API_VERSION });
    const options = { idempotencyKey: "sdk-1", stripeAccount: "acct_connected" };
    const first = await call("POST", "/v1/gadgets", { name: "x" }, options);
    const again = await call("POST", "/v1/gadgets", { name: "x" }, options);
    expect(again).toEqual(first);
    expect(again.lastResponse).toMatchObject({ stripeAccount: "acct_connected", idempotencyKey: "sdk-1" });
    expect(objects()).toHaveLength(2);
    await expect(call("POST", "/v1/gadgets", { name: "y" }, options)).rejects.toBeInstanceOf(Stripe.errors.StripeIdempotencyError);
    await expect(call("POST", "/v1/gadgets", { company: { foo: 1 } })).rejects.toMatchObject({
      type: "StripeInvalidRequestError",
      code: "parameter_unknown",
      param: "company[foo]",
    });
    await expect(call("GET", "/v1/gadgets/nothing", {})).rejects.toMatchObject({ statusCode: 404, code: "resource_missing" });
    await expect(call("GET", "/v1/gadgets", {}, { stripeAccount: "acct_stranger" })).rejects.toBeInstanceOf(
      Stripe.errors.StripePermissionError,
    );
    const wrong = new Stripe("sk_test_wrong56789abcdefghij", { host: "127.0.0.1", port, protocol: "http", maxNetworkRetries: 0 });
    await expect(wrong.accounts.list()).rejects.toMatchObject({ statusCode: 404 });
    await expect(wrong.rawRequest("GET", "/v1/gadgets")).rejects.toBeInstanceOf(Stripe.errors.StripeAuthenticationError);
  });
});
