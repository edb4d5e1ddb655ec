import { hash, randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { type AddressInfo, connect } from "node:net";
import { Writable } from "node:stream";
import { apiError, createIdSource, LATEST_API_VERSION } from "@carabiner/protocol";
import type { FastifyInstance, InjectOptions } from "fastify";
import { pino } from "pino";
import Stripe from "stripe";
import { afterEach, describe, expect, test } from "vitest";
import { DEFAULT_LIMITS, type Limits } from "../limits.ts";
import { operation, type Resource } from "../resources/operation.ts";
import * as p from "../resources/parameters.ts";
import {
  type AccountRow,
  type ApplicationRow,
  type ConnectionRow,
  type IdempotentAnswer,
  type Json,
  type JsonObject,
  type KeyRow,
  type ObjectRow,
  type Store,
  StoreUnavailable,
  type Transaction,
} from "../store/store.ts";
import { createHttpServer } from "./create-http-server.ts";

const KEY = "sk_test_0123456789abcdefghij";
const LIVE_KEY = "sk_live_0123456789abcdefghij";
const T0 = Date.UTC(2026, 0, 1);

/** Rows in maps, transactions one after another, undone when they throw. */
function createRows() {
  const account = (id: string, deleted = false): AccountRow => ({ id, created: T0, apiVersion: "2024-06-20", deleted, data: {} });
  const key = (text: string, accountId: string, more: Partial<KeyRow> = {}): [string, KeyRow] => {
    const digest = hash("sha256", text, "hex");
    const livemode = text.includes("_live_");
    const hint = `${text.slice(0, 8)}****${text.slice(-4)}`;
    return [digest, { hash: digest, accountId, livemode, kind: "secret", hint, created: T0, expiresAt: null, ...more }];
  };
  const connection = (accountId: string, livemode: boolean): ConnectionRow => ({
    platformId: "acct_platform",
    accountId,
    livemode,
    created: T0,
    controller: true,
  });
  let rows = {
    accounts: new Map(["platform", "connected", "livelinked", "stranger"].map((name) => [`acct_${name}`, account(`acct_${name}`)])).set(
      "acct_gone",
      account("acct_gone", true),
    ),
    applications: new Map<string, ApplicationRow>([["acct_platform", { id: "ca_1", accountId: "acct_platform", name: "Platform" }]]),
    keys: new Map<string, KeyRow>([
      key(KEY, "acct_platform"),
      key(LIVE_KEY, "acct_platform"),
      key("sk_test_old56789abcdefghij", "acct_platform", { expiresAt: T0 }),
      key("pk_test_0123456789abcdefghij", "acct_platform", { kind: "publishable" }),
      key("sk_test_gone6789abcdefghij", "acct_gone"),
    ]),
    connections: [connection("acct_connected", false), connection("acct_livelinked", true), connection("acct_gone", false)],
    objects: new Map<string, ObjectRow>(),
    answers: new Map<string, IdempotentAnswer>(),
  };
  const state = { unavailable: false, failCommits: 0, commits: 0, hold: null as Promise<void> | null };
  const present: Partial<Transaction> = {
    account: async (id) => rows.accounts.get(id) ?? null,
    application: async (id) => rows.applications.get(id) ?? null,
    keyByHash: async (digest) => rows.keys.get(digest) ?? null,
    connections: async (platformId, accountId) =>
      rows.connections.filter((row) => row.platformId === platformId && row.accountId === accountId),
    object: async (id) => rows.objects.get(id) ?? null,
    objects: async ({ accountId }) => ({ rows: [...rows.objects.values()].filter((row) => row.accountId === accountId), hasMore: false }),
    insertObject: async (row) => void rows.objects.set(row.id, row),
    idempotentAnswer: async (scope, name, since) => {
      const row = rows.answers.get(`${scope} ${name}`);
      return row !== undefined && row.created >= since ? row : null;
    },
    insertIdempotentAnswer: async (row) => void rows.answers.set(`${row.scope} ${row.key}`, row),
  };
  const tx = new Proxy(present as Transaction, {
    get(target, name) {
      const method = Reflect.get(target, name);
      if (method === undefined) throw new Error(`the rows of this test have no ${String(name)}`);
      return method;
    },
  });
  let last: Promise<unknown> = Promise.resolve();
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  }
  async function undoable<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const before = { ...rows, objects: new Map(rows.objects), answers: new Map(rows.answers) };
    try {
      if (state.unavailable) throw new StoreUnavailable("no space left on device");
      const result = await work(tx);
      if (state.failCommits > 0) {
        state.failCommits--;
        throw new StoreUnavailable("no space left on device");
      }
      state.commits++;
      return result;
    } catch (error) {
      rows = before;
      throw error;
    }
  }
  const store = {
    transaction: async (work: (tx: Transaction) => Promise<unknown>) => {
      const result = await inTurn(() => undoable(work));
      await state.hold;
      return result;
    },
    read: (work: (tx: Transaction) => Promise<unknown>) => inTurn(() => undoable(work)),
  } as unknown as Store;
  return { store, state, objects: () => [...rows.objects.values()], answers: () => [...rows.answers.values()] };
}

const seen: { request: { id: string; idempotencyKey: string | null }; account: string; livemode: boolean; apiVersion: string }[] = [];

const BUG = new Error("a bug, for the log alone");

/** A resource that shows everything a call can do. */
const gadgets: Resource = {
  object: "gadget",
  operations: [
    operation({
      method: "POST",
      path: "/v1/gadgets",
      params: p.params({
        name: p.text(100),
        amount: p.optional(p.integer(0, 100)),
        share: p.optional(p.clearableDecimal()),
        on: p.optional(p.flag()),
        kind: p.optional(p.choice(["a", "b"])),
        tags: p.optional(p.list(p.text(), 3)),
        company: p.optional(p.hash({ name: p.text() })),
        owner: p.optional(p.text()),
        metadata: p.optional(p.metadata()),
      }),
      async run({ tx, now, livemode, account, ids, request, apiVersion }, given) {
        seen.push({ request, account: account.id, livemode, apiVersion });
        const { owner, ...rest } = given;
        const data: JsonObject = { id: ids.newId("customer", now), object: "gadget", ...(rest as JsonObject), owner: owner ?? null };
        delete data.expand;
        await tx.insertObject({ id: String(data.id), object: "gadget", accountId: account.id, livemode, parent: null, created: now, data });
        if (given.name === "bug") throw BUG;
        if (given.name === "missing") throw apiError("resource_missing", { object: "gadget", id: "x", param: "id" });
        return data;
      },
    }),
    operation({
      method: "GET",
      path: "/v1/gadgets/:id",
      params: p.params({}),
      async run({ tx }, _, { id = "" }) {
        const row = await tx.object(id);
        if (row === null) throw apiError("resource_missing", { object: "gadget", id, param: "id" });
        return row.data;
      },
    }),
    operation({
      method: "GET",
      path: "/v1/gadgets",
      params: p.params(p.pageProperties),
      async run({ tx, account, livemode }, { limit }) {
        const { rows } = await tx.objects({ object: "gadget", accountId: account.id, livemode }, { limit: limit ?? 10 });
        return p.listAnswer(
          "/v1/gadgets",
          rows.map((row) => row.data),
          false,
        );
      },
    }),
    operation({
      method: "DELETE",
      path: "/v1/gadgets/:id",
      params: p.params({ why: p.optional(p.text()) }),
      run: async ({ request }, { why }, { id = "" }) => ({
        id,
        object: "gadget",
        deleted: true,
        why: why ?? null,
        key: request.idempotencyKey,
      }),
    }),
    operation({
      method: "GET",
      path: "/v1/writes",
      params: p.params({}),
      async run({ tx }) {
        await tx.deleteObject("x");
        return {};
      },
    }),
  ],
  expandable: {
    owner: async ({ tx }, id) => (await tx.object(id))?.data ?? null,
    company: null,
  },
};

interface Setup extends ReturnType<typeof createRows> {
  app: FastifyInstance;
  /** Every line logged. */
  lines: string[];
  advance(ms: number): void;
  stop: AbortController;
}

function logTo(lines: string[]): Writable {
  return new Writable({
    write(chunk, _, done) {
      lines.push(String(chunk));
      done();
    },
  });
}

let open: FastifyInstance[] = [];
afterEach(async () => {
  await Promise.all(open.map((app) => app.close()));
  open = [];
  seen.length = 0;
});

function setup(limits: Partial<Limits> = {}): Setup {
  const rows = createRows();
  const lines: string[] = [];
  const stop = new AbortController();
  let now = T0;
  const app = createHttpServer({
    store: rows.store,
    clock: { now: () => now, wallNow: () => now, sleep: async () => undefined, pause: async () => undefined },
    ids: createIdSource((count) => randomBytes(count)),
    limits: { ...DEFAULT_LIMITS, ...limits },
    settings: { allowLocalEndpoints: true, allowCustomEventTypes: true },
    resources: [gadgets],
    recordEvents: async () => [],
    log: pino({ level: "trace" }, logTo(lines)),
    stopping: stop.signal,
    extraRoutes: (routes) => routes.get("/health", async () => "well"),
  });
  open.push(app);
  return { ...rows, app, lines, stop, advance: (ms) => (now += ms) };
}

const FORM = { "content-type": "application/x-www-form-urlencoded" };
const AUTH = { authorization: `Bearer ${KEY}` };
const post = (payload: string, headers: Record<string, string> = {}): InjectOptions => ({
  method: "POST",
  url: "/v1/gadgets",
  headers: { ...AUTH, ...FORM, ...headers },
  payload,
});
const get = (url: string, headers: Record<string, string> = {}): InjectOptions => ({
  method: "GET",
  url,
  headers: { ...AUTH, ...headers },
});

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

  test("is rendered by the account's version when none is asked for", async () => {
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

// One request for every error that comes from here and not from a resource.
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
    ["account_invalid", post("name=x", { "stripe-account": "acct_stranger" }), 403, "invalid_request_error", "account_invalid", undefined],
    ["url_not_recognized", get("/v1/nothing?secret=1"), 404, "invalid_request_error", undefined, undefined],
    ["url_not_recognized", { method: "PUT", url: "/v1/gadgets", headers: AUTH }, 404, "invalid_request_error", undefined, undefined],
    ["url_not_recognized", { method: "HEAD", url: "/v1/gadgets", headers: AUTH }, 404, "invalid_request_error", undefined, undefined],
    ["url_not_recognized", get(`/v1/gadgets/${"x".repeat(300)}`), 404, "invalid_request_error", undefined, undefined],
    ["request_malformed", get("/v1/gadgets/%zz"), 400, "invalid_request_error", undefined, undefined],
    ["request_malformed", get("/v1/gadgets?limit=%ff"), 400, "invalid_request_error", undefined, undefined],
    ["api_version_invalid", get("/v1/gadgets", { "stripe-version": "2020-02-30" }), 400, "invalid_request_error", undefined, undefined],
    ["body_too_large", post(`name=${"x".repeat(1_000_001)}`), 413, "invalid_request_error", undefined, undefined],
    ["content_type_unsupported", post("name", { "content-type": "text/plain" }), 415, "invalid_request_error", undefined, undefined],
    ["content_type_unsupported", post("name", { "content-type": "nonsense" }), 415, "invalid_request_error", undefined, undefined],
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
    ["parameter_invalid_empty", post("name="), 400, "invalid_request_error", "parameter_invalid_empty", "name"],
    ["parameter_invalid_integer", post("name=x&amount=y"), 400, "invalid_request_error", "parameter_invalid_integer", "amount"],
    ["parameter_invalid_number", post("name=x&share=y"), 400, "invalid_request_error", undefined, "share"],
    ["parameter_invalid_boolean", post("name=x&on=y"), 400, "invalid_request_error", undefined, "on"],
    ["parameter_invalid_string", post("name[x]=y"), 400, "invalid_request_error", undefined, "name"],
    ["parameter_invalid_string_blank", post("name=+"), 400, "invalid_request_error", "parameter_invalid_string_blank", "name"],
    ["parameter_invalid_length", post(`name=${"x".repeat(101)}`), 400, "invalid_request_error", undefined, "name"],
    ["parameter_invalid_array", post("name=x&tags=y"), 400, "invalid_request_error", undefined, "tags"],
    ["parameter_invalid_object", post("name=x&company=y"), 400, "invalid_request_error", undefined, "company"],
    ["parameter_invalid_enum", post("name=x&kind=y"), 400, "invalid_request_error", undefined, "kind"],
    ["parameter_out_of_range", post("name=x&amount=101"), 400, "invalid_request_error", undefined, "amount"],
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
/** Errors that take more than a request to bring about; each has a test of its own below. */
const ERRORS_BELOW = [
  "idempotency_mismatch",
  "idempotency_key_in_use",
  "storage_unavailable",
  "server_stopping",
  "request_headers_too_large",
  "request_timeout",
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

  test("a key is never said back whole", async () => {
    const { app } = setup();
    const wrong = "sk_test_wrong56789abcdefghij";
    const answer = await app.inject(post("name=x", { authorization: `Bearer ${wrong}` }));
    expect(answer.json().error.message).toBe("Invalid API Key provided: sk_test_****ghij");
  });

  test("a bug is logged with its stack and told to nobody", async () => {
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
});

describe("idempotency", () => {
  const keyed = (payload: string, headers: Record<string, string> = {}) => post(payload, { "idempotency-key": "key-1", ...headers });

  test("the same request again gets the same answer, and nothing happens twice", async () => {
    const { app, objects } = setup();
    const first = await app.inject(keyed("name=x&metadata[a]=1&metadata[b]=2"));
    const again = await app.inject(keyed("metadata%5Bb%5D=2&metadata%5Ba%5D=1&name=x"));
    expect(again.body).toBe(first.body);
    expect(again.headers).toMatchObject({
      "idempotent-replayed": "true",
      "idempotency-key": "key-1",
      "request-id": first.headers["request-id"],
    });
    expect(first.headers["idempotent-replayed"]).toBeUndefined();
    expect(first.headers["idempotency-key"]).toBe("key-1");
    expect(objects()).toHaveLength(1);
    expect(seen).toEqual([expect.objectContaining({ request: { id: first.headers["request-id"], idempotencyKey: "key-1" } })]);
  });

  test("other parameters, or another path, are refused", async () => {
    const { app } = setup();
    await app.inject(keyed("name=x"));
    for (const answer of [await app.inject(keyed("name=y")), await app.inject(keyed("name=x&amount=1"))]) {
      expect([answer.statusCode, answer.json().error.type, answer.json().error.code]).toEqual([400, "idempotency_error", undefined]);
      expect(answer.headers["idempotent-replayed"]).toBeUndefined();
    }
    expect((await app.inject(keyed("name=x"))).headers["idempotent-replayed"]).toBe("true");
  });

  test("a key means something to one account, acting for one account, in one mode", async () => {
    const { app, objects } = setup();
    await app.inject(keyed("name=x"));
    await app.inject(keyed("name=x", { "stripe-account": "acct_connected" }));
    await app.inject(keyed("name=x", { authorization: `Bearer ${LIVE_KEY}` }));
    expect(objects()).toHaveLength(3);
  });

  test("200 at once make one object: the others are told that it is under way", async () => {
    const { app, objects } = setup();
    await app.ready();
    const answers = await Promise.all(Array.from({ length: 200 }, () => app.inject(keyed("name=x"))));
    const refused = answers.filter(({ statusCode }) => statusCode === 409);
    const good = answers.filter(({ statusCode }) => statusCode === 200);
    expect(refused.length + good.length).toBe(200);
    expect(new Set(good.map(({ body }) => body)).size).toBe(1);
    expect(objects()).toHaveLength(1);
  });

  test("while a request is under way, its key is in use", async () => {
    const { app, state, objects } = setup();
    await app.ready();
    const { promise, resolve } = Promise.withResolvers<void>();
    state.hold = promise;
    // An injected request starts when somebody waits for it.
    const first = app.inject(keyed("name=x")).then((answer) => answer);
    // Waits its turn behind the first: when it is answered, the first one's work is done but not yet said to be kept.
    const second = await app.inject(keyed("name=x"));
    expect([second.statusCode, second.json().error.code]).toEqual([409, "idempotency_key_in_use"]);
    resolve();
    expect((await first).statusCode).toBe(200);
    expect((await app.inject(keyed("name=x"))).headers["idempotent-replayed"]).toBe("true");
    expect(objects()).toHaveLength(1);
  });

  test.each([
    ["missing", 404],
    ["bug", 500],
  ])("an error of the operation is kept, though what it did is undone: %s", async (name, status) => {
    const { app, objects } = setup();
    const first = await app.inject(keyed(`name=${name}`));
    expect(first.statusCode).toBe(status);
    const again = await app.inject(keyed(`name=${name}`));
    expect([again.statusCode, again.body, again.headers["idempotent-replayed"]]).toEqual([status, first.body, "true"]);
    expect(seen).toHaveLength(1);
    expect(objects()).toEqual([]);
  });

  test.each([
    ["amount=5", {}],
    ["name=x", { "stripe-account": "acct_stranger" }],
    ["name=x", { authorization: "Bearer sk_test_old56789abcdefghij" }],
    ["name=x", { "stripe-version": "nonsense" }],
  ])("an error from before the operation is not kept: %s %j", async (payload, headers) => {
    const { app, answers } = setup();
    expect((await app.inject(keyed(payload, headers))).statusCode).toBeGreaterThanOrEqual(400);
    expect(answers()).toEqual([]);
    expect((await app.inject(keyed("name=x"))).headers["idempotent-replayed"]).toBeUndefined();
  });

  test("what could not be stored is not kept either, and its key is free", async () => {
    const { app, state, answers } = setup();
    state.failCommits = 1;
    expect((await app.inject(keyed("name=x"))).statusCode).toBe(503);
    expect(answers()).toEqual([]);
    expect((await app.inject(keyed("name=x"))).statusCode).toBe(200);
  });

  test("an error that could not be kept is answered as the store's failure: the request may be made again", async () => {
    const { app, state } = setup();
    state.failCommits = 1;
    expect((await app.inject(keyed("name=missing"))).statusCode).toBe(503);
    expect((await app.inject(keyed("name=missing"))).statusCode).toBe(404);
  });

  test("an answer is kept for 24 hours", async () => {
    const { app, advance, objects } = setup();
    await app.inject(keyed("name=x"));
    advance(DEFAULT_LIMITS.idempotencyKeptMs);
    expect((await app.inject(keyed("name=x"))).headers["idempotent-replayed"]).toBe("true");
    advance(1);
    expect((await app.inject(keyed("name=x"))).headers["idempotent-replayed"]).toBeUndefined();
    expect(objects()).toHaveLength(2);
  });

  test("GET and DELETE have no key", async () => {
    const { app, answers } = setup();
    for (const method of ["GET", "DELETE"] as const) {
      const request = {
        method,
        url: method === "GET" ? "/v1/gadgets" : "/v1/gadgets/x",
        headers: { ...AUTH, "idempotency-key": "k".repeat(300) },
      };
      const answer = await app.inject(request);
      expect([answer.statusCode, answer.json().key ?? null]).toEqual([200, null]);
    }
    expect(answers()).toEqual([]);
  });
});

describe("expand", () => {
  test("puts objects for ids, in objects and in lists, on every kind of call", async () => {
    const { app } = setup();
    const first = (await app.inject(post("name=a"))).json();
    const second = (await app.inject(post(`name=b&owner=${first.id}&expand[]=owner.owner`))).json();
    expect(second.owner).toEqual(first);
    const third = (await app.inject(post(`name=c&owner=${second.id}`))).json();
    expect(third.owner).toBe(second.id);
    const read = await app.inject(get(`/v1/gadgets/${third.id}?expand[]=owner.owner&expand[]=company`));
    expect(read.json().owner).toEqual(second);
    const list = await app.inject(get("/v1/gadgets?expand%5B0%5D=data.owner"));
    expect(list.json().data.map((row: { owner: { id: string } | null }) => row.owner?.id ?? null)).toEqual([null, first.id, second.id]);
  });
});

describe("logs", () => {
  test("hold none of what is secret", async () => {
    const { app, lines } = setup();
    const canary = "canary0123456789";
    await app.inject(post(`name=${canary}&metadata[whsec]=whsec_${canary}`));
    await app.inject(post(`name=${canary}&nonsense[${canary}]=1`, { "idempotency-key": canary, "stripe-account": canary }));
    await app.inject(post(`{"${canary}": whsec_${canary}`, { "content-type": "application/json" }));
    await app.inject(
      get(`/v1/gadgets?limit=${canary}&${canary}=1`, { authorization: `Bearer sk_test_${canary}`, "stripe-version": canary }),
    );
    await app.inject(get("/v1/gadgets", { authorization: `Basic ${Buffer.from(`${canary}:${canary}`).toString("base64")}` }));
    await app.inject(get(`/v1/nothing?secret=${canary}`));
    await app.inject(get(`/v1/gadgets/%zz?secret=${canary}`));
    await app.inject(post(`name=bug&metadata[x]=${canary}`));
    await app.inject(post(canary, { "content-type": `text/${canary}` }));
    expect(lines.filter((line) => line.includes('"msg":"request"'))).toHaveLength(9);
    expect(
      lines.filter((line) => line.includes(canary) || line.includes(KEY) || line.includes(Buffer.from(canary).toString("base64"))),
    ).toEqual([]);
  });

  test("have one line for a request", async () => {
    const { app, lines } = setup();
    const answer = await app.inject(post("name=x", { "stripe-account": "acct_connected" }));
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        level: 30,
        time: expect.any(Number),
        pid: expect.any(Number),
        hostname: expect.any(String),
        requestId: answer.headers["request-id"],
        method: "POST",
        path: "/v1/gadgets",
        status: 200,
        ms: expect.any(Number),
        account: "acct_connected",
        msg: "request",
      },
    ]);
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
