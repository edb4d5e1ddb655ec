import { hash, randomBytes } from "node:crypto";
import { Writable } from "node:stream";
import { apiError, createIdSource } from "@carabiner/protocol";
import type { FastifyInstance, InjectOptions } from "fastify";
import { pino } from "pino";
import { createClientAddresses } from "../../src/api/client-address.ts";
import { createRateLimits } from "../../src/api/rate-limits.ts";
import { createHttpServer } from "../../src/http/create-http-server.ts";
import { DEFAULT_LIMITS, type Limits } from "../../src/limits.ts";
import { operation, type Resource } from "../../src/operations/operation.ts";
import * as p from "../../src/operations/parameters.ts";
import type {
  AccountRow,
  ApplicationRow,
  ConnectionRow,
  IdempotentAnswer,
  JsonObject,
  KeyRow,
  ObjectRow,
} from "../../src/store/contract/rows.ts";
import type { Transaction } from "../../src/store/contract/transaction.ts";
import { type Store, StoreUnavailable } from "../../src/store/store.ts";
import { cleanUp } from "../clean-up.ts";

export const KEY = "sk_test_0123456789abcdefghij";
export const LIVE_KEY = "sk_live_0123456789abcdefghij";
const T0 = Date.UTC(2026, 0, 1);

/** Rows in maps, transactions one after another, undone when they throw. */
function createRows() {
  const account = (id: string, deleted = false): AccountRow => ({ id, created: T0, apiVersion: "2024-06-20", deleted, data: {} });
  const key = (text: string, accountId: string, more: Partial<KeyRow> = {}): [string, KeyRow] => {
    const digest = hash("sha256", text, "hex");
    const livemode = text.includes("_live_");
    const hint = `${text.slice(0, 8)}****${text.slice(-4)}`;
    return [
      digest,
      { hash: digest, accountId, livemode, kind: "secret", hint, created: T0, expiresAt: null, grant: null, permissions: null, ...more },
    ];
  };
  const connection = (accountId: string, livemode: boolean): ConnectionRow => ({
    platformId: "acct_platform",
    accountId,
    livemode,
    created: T0,
    controller: true,
    scope: "read_write",
  });
  let rows = {
    accounts: new Map(
      ["platform", "connected", "livelinked", "readonly", "stranger"].map((name) => [`acct_${name}`, account(`acct_${name}`)]),
    ).set("acct_gone", account("acct_gone", true)),
    applications: new Map<string, ApplicationRow>([
      ["acct_platform", { id: "ca_1", accountId: "acct_platform", livemode: false, name: "Platform", redirectUris: [] }],
    ]),
    keys: new Map<string, KeyRow>([
      key(KEY, "acct_platform"),
      key(LIVE_KEY, "acct_platform"),
      key("sk_test_old56789abcdefghij", "acct_platform", { expiresAt: T0 }),
      key("pk_test_0123456789abcdefghij", "acct_platform", { kind: "publishable" }),
      key("sk_test_gone6789abcdefghij", "acct_gone"),
      key("sk_test_granted9abcdefghij", "acct_connected", {
        expiresAt: T0,
        grant: { platformId: "acct_platform", livemode: false, scope: "read_write" },
      }),
    ]),
    connections: [
      connection("acct_connected", false),
      connection("acct_livelinked", true),
      connection("acct_gone", false),
      { ...connection("acct_readonly", false), scope: "read_only" as const },
    ],
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
    objectsById: async (ids) =>
      new Map(
        ids.flatMap((id): [string, ObjectRow][] => {
          const row = rows.objects.get(id);
          return row === undefined ? [] : [[id, row]];
        }),
      ),
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

export const seen: { request: { id: string; idempotencyKey: string | null }; account: string; livemode: boolean; apiVersion: string }[] =
  [];

export const BUG = new Error("a bug, for the log alone");

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
        kind: p.optional(p.choice(["a", "b"], ["c"])),
        tags: p.optional(p.list(p.text(), 3)),
        company: p.optional(p.lacking(p.hash({ name: p.text() }), ["tax"])),
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
    operation({ method: "POST", path: "/v1/own_gadgets", ownKeysOnly: true, params: p.params({}), run: async () => ({}) }),
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
      method: "POST",
      path: "/v1/pictures",
      upload: "picture",
      params: p.params({ title: p.optional(p.text()) }),
      run: async ({ upload }, { title }) => ({ title: title ?? null, name: upload?.name ?? null, size: upload?.bytes.length ?? null }),
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
    owner: async ({ tx }, ids) => new Map([...(await tx.objectsById(ids))].map(([id, { data }]) => [id, data])),
    company: null,
  },
};

export interface Setup extends ReturnType<typeof createRows> {
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

export function setup(limits: Partial<Limits> = {}, trustedProxies: readonly string[] = []): Setup {
  const rows = createRows();
  const lines: string[] = [];
  const stop = new AbortController();
  let now = T0;
  const { app } = createHttpServer({
    store: rows.store,
    clock: { now: () => now, wallNow: () => now, sleep: async () => undefined, pause: async () => undefined },
    ids: createIdSource((count) => randomBytes(count)),
    limits: { ...DEFAULT_LIMITS, ...limits },
    settings: {
      destinations: { allowLocal: true },
      allowCustomEventTypes: true,
      platformsSeeServer: true,
      liveTestHelpers: true,
      publicUrl: () => "",
      pickAccounts: true,
      personEvents: "persons_api",
    },
    resources: [gadgets],
    recordEvents: async () => [],
    log: pino({ level: "trace" }, logTo(lines)),
    clients: createClientAddresses(trustedProxies),
    rates: createRateLimits({ ...DEFAULT_LIMITS, ...limits }),
    stopping: stop.signal,
    extraRoutes(routes) {
      routes.get("/health", async () => "well");
      routes.get("/page", async () => "long".repeat(100_000));
    },
  });
  cleanUp.push(async () => {
    await app.close();
    seen.length = 0;
  });
  return { ...rows, app, lines, stop, advance: (ms) => (now += ms) };
}

export const FORM = { "content-type": "application/x-www-form-urlencoded" };
export const AUTH = { authorization: `Bearer ${KEY}` };
export const post = (payload: string, headers: Record<string, string> = {}): InjectOptions => ({
  method: "POST",
  url: "/v1/gadgets",
  headers: { ...AUTH, ...FORM, ...headers },
  payload,
});
/** A picture of one byte, and whatever parts come after it. */
export const picture = (parts = "--x--", headers: Record<string, string> = {}): InjectOptions => ({
  method: "POST",
  url: "/v1/pictures",
  headers: { ...AUTH, "content-type": "multipart/form-data; boundary=x", ...headers },
  payload: `--x\r\nContent-Disposition: form-data; name="picture"; filename="a"\r\n\r\n.\r\n${parts}`,
});
export const get = (url: string, headers: Record<string, string> = {}): InjectOptions => ({
  method: "GET",
  url,
  headers: { ...AUTH, ...headers },
});
