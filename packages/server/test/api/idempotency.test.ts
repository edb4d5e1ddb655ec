import { mkdtemp, rm } from "node:fs/promises";
import { createServer, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Stripe from "stripe";
import { expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../src/index.ts";
import { client, platformOfItsOwn, refusal } from "../platform-of-its-own.ts";
import { cleanUp, start } from "../server-of-its-own.ts";

const sdk = (server: Pick<Carabiner, "host" | "port">, config: Partial<Stripe.StripeConfig> = {}) =>
  client(server, "sk_test_carabiner", config);

test("an answer is replayed after a restart, word for word, with the id of the request that made it; so is an error", async () => {
  const directory = await mkdtemp(join(tmpdir(), "carabiner-idempotency-"));
  cleanUp.push(() => rm(directory, { recursive: true }));
  const store = { file: join(directory, "carabiner.db") };
  const first = await startCarabiner({ store });
  const ask = async ({ url }: Carabiner, [path, key, body]: readonly [path: string, key: string, body: string]) => {
    const answer = await fetch(url + path, {
      method: "POST",
      headers: { authorization: "Bearer sk_test_carabiner", "idempotency-key": key, "content-type": "application/x-www-form-urlencoded" },
      body,
    });
    const { headers, status } = answer;
    return { status, text: await answer.text(), id: headers.get("request-id"), replayed: headers.get("idempotent-replayed") };
  };
  const requests = [
    ["/v1/customers", "made", "name=Jenny"],
    ["/v1/customers/cus_unknown", "missing", "name=Jenny"],
    ["/v1/accounts", "refused", "country=XX"],
  ] as const;
  const answers: Awaited<ReturnType<typeof ask>>[] = [];
  for (const request of requests) answers.push(await ask(first, request));
  expect(answers.map(({ status, replayed }) => [status, replayed])).toEqual([
    [200, null],
    [404, null],
    [400, null],
  ]);
  await first.close();
  const second = await start({ store });
  for (const [at, request] of requests.entries()) expect(await ask(second, request)).toEqual({ ...answers[at], replayed: "true" });
  expect(await ask(second, ["/v1/customers", "made", "name=John"])).toMatchObject({
    status: 400,
    text: expect.stringContaining('"idempotency_error"'),
    replayed: null,
  });
  expect((await sdk(second).customers.list()).data).toHaveLength(1);
  expect((await sdk(second).events.list()).data).toHaveLength(1);
});

test("a key is one account's in one mode: the same key of another account, or of the other mode, makes something else", async () => {
  const server = await start();
  const [one, other] = [await platformOfItsOwn(server), await platformOfItsOwn(server)];
  const { id: connected } = await one.test.accounts.create({ type: "standard" });
  const make = (stripe: Stripe, stripeAccount?: string) =>
    stripe.customers.create({ name: "Jenny" }, { idempotencyKey: "a-key", ...(stripeAccount === undefined ? {} : { stripeAccount }) });
  const made = [await make(one.test), await make(one.live), await make(other.test), await make(one.test, connected)];
  expect(new Set(made.map(({ id }) => id)).size).toBe(4);
  expect((await make(one.test)).id).toBe(made[0]?.id);
});

test("a key is good for 24 hours of the server's clock, and then for something new", async () => {
  const server = await start();
  const stripe = sdk(server);
  const make = (name: string) => stripe.customers.create({ name }, { idempotencyKey: "a-key" });
  const { id } = await make("Jenny");
  await server.clock.freeze();
  await server.clock.advance({ seconds: 24 * 3_600 - 10 });
  expect((await make("Jenny")).id).toBe(id);
  expect(await refusal(make("John"))).toMatchObject({ status: 400, type: "StripeIdempotencyError" });
  await server.clock.advance({ seconds: 20 });
  const later = await make("John");
  expect(later.id).not.toBe(id);
  expect((await make("John")).id).toBe(later.id);
});

test("an event of a request that is replayed happens once, and tells of the key", async () => {
  const server = await start();
  const stripe = sdk(server);
  const { id } = await stripe.customers.create({});
  for (let i = 0; i < 3; i++) await stripe.customers.update(id, { name: "Jenny" }, { idempotencyKey: "rename" });
  const { data } = await stripe.events.list({ type: "customer.updated" });
  expect(data).toHaveLength(1);
  expect(data[0]?.request?.idempotency_key).toBe("rename");
});

test("of many requests at once with one key one makes the object; the others are told that it is under way, or get its answer", async () => {
  const server = await start();
  const stripe = sdk(server);
  const outcomes = await Promise.all(
    Array.from({ length: 30 }, () =>
      stripe.customers.create({ name: "Jenny" }, { idempotencyKey: "at-once" }).then(
        ({ id }) => id,
        (error: Stripe.errors.StripeError) => error.code,
      ),
    ),
  );
  const { data } = await stripe.customers.list();
  expect(data).toHaveLength(1);
  expect(new Set([...outcomes, "idempotency_key_in_use"])).toEqual(new Set([data[0]?.id, "idempotency_key_in_use"]));
});

/** A way to the server on which the first answers are lost: each of `faults` happens to one request. */
async function lossyWay(server: Carabiner, faults: ("answers 503" | "loses the answer")[]) {
  const keys: unknown[] = [];
  const proxy = createServer((incoming, outgoing) => {
    keys.push(incoming.headers["idempotency-key"]);
    const fault = faults.shift();
    if (fault === "answers 503") {
      incoming.resume();
      outgoing.writeHead(503, { "content-type": "application/json" });
      outgoing.end('{"error":{"type":"api_error","message":"not now"}}');
      return;
    }
    const { method, url, headers } = incoming;
    const onward = send({ host: server.host, port: server.port, method, path: url, headers }, (answer) => {
      if (fault === "loses the answer") {
        answer.resume();
        answer.on("end", () => outgoing.destroy());
        return;
      }
      outgoing.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  cleanUp.push(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  return { host: "127.0.0.1", port: (proxy.address() as AddressInfo).port, keys };
}

test("the SDK's own retries make one object, though the first answer was 503 and the second was lost", async () => {
  const server = await start();
  const way = await lossyWay(server, ["answers 503", "loses the answer"]);
  const customer = await sdk(way, { maxNetworkRetries: 2 }).customers.create({ name: "Jenny" });
  expect(way.keys).toHaveLength(3);
  expect(new Set(way.keys)).toHaveLength(1);
  expect(customer.lastResponse.headers["idempotent-replayed"]).toBe("true");
  expect((await sdk(server).customers.list()).data.map(({ id }) => id)).toEqual([customer.id]);
  expect((await sdk(server).events.list()).data).toHaveLength(1);
});
