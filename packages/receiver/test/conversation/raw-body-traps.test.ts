import { Buffer } from "node:buffer";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import express from "express";
import createFastify from "fastify";
import { Hono } from "hono";
import Koa from "koa";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fastifyHooks } from "../../src/adapters/fastify-hooks.ts";
import { lambdaHooks } from "../../src/adapters/lambda-hooks.ts";
import { eventOf } from "../signed-webhook.ts";
import { callOverFetch, callOverHttp, type Heard, type Served } from "./caller.ts";
import { type Scene, sceneOf, sent } from "./rows.ts";
import { listening, PATH } from "./servers.ts";

// Each framework set up as people set it up wrongly: something reads the body before the receiver does.

let scene: Scene;
let lines: string[];
const open: Served[] = [];

beforeEach(() => {
  lines = [];
  scene = sceneOf({
    says: "trap",
    options: () => ({ log: (line) => lines.push(line) }),
    handlers: ({ hooks }) => {
      hooks.connect.on("account.updated", () => undefined);
    },
    sends: () => [],
    status: 500,
    told: [],
  });
});
afterEach(async () => {
  for (const served of open.splice(0)) await served.close();
});

const webhook = () => sent(eventOf("account.updated"));

async function over(served: Served): Promise<Heard> {
  open.push(served);
  return served.call(webhook());
}

/** The sender gets only a 500; the log says which line to change. */
function expectTrap(heard: Heard, ...remedy: string[]): void {
  expect([heard.status, heard.body]).toEqual([500, '{"error":"The request could not be handled."}']);
  expect(scene.told).toEqual(["body_consumed"]);
  expect(lines).toHaveLength(1);
  for (const words of ["webhook refused with 500 (body_consumed)", ...remedy]) expect(lines[0]).toContain(words);
}

test("Express: express.json() above the route", async () => {
  const app = express();
  app.use(express.json());
  app.post(PATH, scene.hooks.node);
  expectTrap(await over(await listening(app)), "app.post(path, hooks.node) above app.use(express.json())");
});

test("Express: express.json() that keeps the bytes is no trap", async () => {
  const app = express();
  app.use(
    express.json({
      verify(request, _response, bytes) {
        Object.assign(request, { rawBody: bytes });
      },
    }),
  );
  app.post(PATH, scene.hooks.node);
  expect((await over(await listening(app))).status).toBe(200);
  expect(scene.told).toEqual(["stored", "done"]);
});

test("Express: express.text() is no trap, for the text is the body", async () => {
  const app = express();
  app.post(PATH, express.text({ type: "*/*" }), scene.hooks.node);
  expect((await over(await listening(app))).status).toBe(200);
});

test("Express 4 leaves an empty body where it parsed nothing: the stream is read", async () => {
  const served = await listening((request, response) => {
    Object.assign(request, { body: {} });
    void scene.hooks.node(request, response);
  });
  expect((await over(served)).status).toBe(200);
});

test("Next.js Pages Router: the body parser is on", async () => {
  const served = await listening(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    Object.assign(request, { query: {}, cookies: {}, body: JSON.parse(Buffer.concat(chunks).toString()) as unknown });
    await scene.hooks.node(request, response);
  });
  expectTrap(await over(served), "export const config = { api: { bodyParser: false } }");
});

test("a platform that keeps rawBody beside what it parsed is no trap", async () => {
  const served = await listening(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const rawBody = Buffer.concat(chunks);
    Object.assign(request, { rawBody, body: JSON.parse(rawBody.toString()) as unknown });
    await scene.hooks.node(request, response);
  });
  expect((await over(served)).status).toBe(200);
});

test("Koa: a body parser above", async () => {
  const app = new Koa();
  app.use(async (context, next) => {
    for await (const _chunk of context.req);
    await next();
  });
  app.use(async (context) => {
    context.respond = false;
    await scene.hooks.node(context.req, context.res);
  });
  expectTrap(await over(await listening(app.callback())), "above app.use(bodyParser())");
});

test("Fastify: hooks.node in a route, whose body is parsed", async () => {
  const fastify = createFastify({ forceCloseConnections: true });
  fastify.post(PATH, (request, reply) => {
    reply.hijack();
    void scene.hooks.node(request.raw, reply.raw);
  });
  await fastify.listen({ host: "127.0.0.1", port: 0 });
  const { port } = fastify.server.address() as AddressInfo;
  const served = { call: (one: Parameters<Served["call"]>[0]) => callOverHttp(port, PATH, one), close: () => fastify.close() };
  expectTrap(await over(served), "fastifyHooks of @carabiner/receiver/fastify");
});

test("Fastify: a hook above the plugin reads the request", async () => {
  const fastify = createFastify({ forceCloseConnections: true });
  fastify.addHook("onRequest", async ({ raw }) => {
    for await (const _chunk of raw);
  });
  await fastify.register(fastifyHooks(scene.hooks), { url: PATH });
  await fastify.listen({ host: "127.0.0.1", port: 0 });
  const { port } = fastify.server.address() as AddressInfo;
  const served = { call: (one: Parameters<Served["call"]>[0]) => callOverHttp(port, PATH, one), close: () => fastify.close() };
  expectTrap(await over(served), "Register fastifyHooks outside the scope of that preParsing or onRequest hook");
});

test("Fastify: the plugin leaves the parsers of other routes alone", async () => {
  const fastify = createFastify();
  await fastify.register(fastifyHooks(scene.hooks), { url: PATH });
  fastify.post("/orders", async (request) => request.body);
  const answer = await fastify.inject({ method: "POST", url: "/orders", payload: { parsed: true } });
  expect(answer.json()).toEqual({ parsed: true });
  await fastify.close();
});

test("Hono: c.req.json() before", async () => {
  const app = new Hono();
  app.post(PATH, async (context) => {
    await context.req.json();
    return scene.hooks.fetch(context.req.raw);
  });
  expectTrap(await callOverFetch((request) => app.fetch(request), webhook()), "hooks.fetch(c.req.raw) before c.req.json()");
});

test("fetch: other code holds a reader of the body", async () => {
  const heard = await callOverFetch((request) => {
    request.body?.getReader();
    return scene.hooks.fetch(request);
  }, webhook());
  expectTrap(heard, "hooks.fetch(request.clone())");
});

test("Lambda: an integration without proxy, or a middleware that parses", async () => {
  const handler = lambdaHooks(scene.hooks);
  const { headers } = webhook();
  const bare = await handler(eventOf("account.updated") as object);
  expectTrap({ status: bare.statusCode, headers: {}, body: bare.body }, "Lambda proxy integration (AWS_PROXY)");
  lines.length = 0;
  scene.told.length = 0;
  const parsed = await handler({ httpMethod: "POST", headers, body: eventOf("account.updated") });
  expectTrap({ status: parsed.statusCode, headers: {}, body: parsed.body }, "httpJsonBodyParser()");
});

test("a caller that hangs up midway is distinguished from a wrong signature", async () => {
  const refused = Promise.withResolvers<void>();
  const server = createServer((request, response) => void scene.hooks.node(request, response).then(refused.resolve, refused.reject));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  await once(socket, "connect");
  server.once("request", () => socket.destroy());
  socket.write("POST / HTTP/1.1\r\nhost: a\r\nstripe-signature: t=1,v1=00\r\ncontent-length: 100\r\n\r\n{");
  await refused.promise;
  expect(scene.told).toEqual(["body_cut_short"]);
  server.close();
  await once(server, "close");
});

test("fetch: a body that breaks off is distinguished from a wrong signature", async () => {
  const body = new ReadableStream({
    pull(controller) {
      controller.error(new Error("reset"));
    },
  });
  const response = await scene.hooks.fetch(
    new Request("http://127.0.0.1/", { method: "POST", headers: webhook().headers, body, duplex: "half" }),
  );
  expect(response.status).toBe(400);
  expect(scene.told).toEqual(["body_cut_short"]);
});

test("fetch: a platform that stops after the answer is asked to wait", async () => {
  const waited: Promise<unknown>[] = [];
  const heard = await callOverFetch(
    (request) => scene.hooks.fetch(request, {}, { waitUntil: (work: Promise<unknown>) => waited.push(work) }),
    webhook(),
  );
  expect(heard.status).toBe(200);
  expect(waited).toHaveLength(1);
  await waited[0];
  expect(scene.told).toEqual(["stored", "done"]);
});
