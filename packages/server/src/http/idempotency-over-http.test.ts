import { describe, expect, test } from "vitest";
import { AUTH, get, KEY, LIVE_KEY, post, seen, setup } from "../../test/http/example-server.ts";
import { DEFAULT_LIMITS } from "../limits.ts";

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

  test("200 at once make one object: the others get the answer that it is under way", async () => {
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
    // An injected request starts only when it is awaited.
    const first = app.inject(keyed("name=x")).then((answer) => answer);
    // It waits behind the first. When it is answered, the first one's work is done but not yet known to be stored.
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
        code: "request",
        msg: "request",
      },
    ]);
  });
});
