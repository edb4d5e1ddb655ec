import { Buffer } from "node:buffer";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import createFastify from "fastify";
import { Hono } from "hono";
import Koa from "koa";
import { fastifyHooks } from "../../src/adapters/fastify-hooks.ts";
import { type LambdaEvent, lambdaHooks } from "../../src/adapters/lambda-hooks.ts";
import type { ReceiverVerbs } from "../../src/receiver.ts";
import type { StripeClient } from "../../src/stripe-client.ts";
import { callOverFetch, callOverHttp, type Heard, type Sent, type Served } from "./caller.ts";

/** A receiver, as far as adapters use it. */
export type Hooks = Pick<ReceiverVerbs<unknown, StripeClient>, "handle" | "fetch" | "node">;

export const PATH = "/webhooks/stripe";

/** A receiver behind each framework, set up as its users are told to. */
export const SERVERS: Readonly<Record<string, (hooks: Hooks) => Promise<Served>>> = {
  "node:http": (hooks) => listening((request, response) => void hooks.node(request, response)),

  "Express 5": (hooks) => {
    const app = express();
    app.all(PATH, hooks.node);
    app.use(express.json());
    return listening(app);
  },

  "Express 5, below express.raw()": (hooks) => {
    const app = express();
    app.all(PATH, express.raw({ type: "*/*", limit: "2mb" }), hooks.node);
    return listening(app);
  },

  "Fastify 5": async (hooks) => {
    const fastify = createFastify({ logger: false, forceCloseConnections: true });
    await fastify.register(fastifyHooks(hooks), { url: PATH });
    await fastify.listen({ host: "127.0.0.1", port: 0 });
    const { port } = fastify.server.address() as AddressInfo;
    return { call: (sent) => callOverHttp(port, PATH, sent), close: () => fastify.close() };
  },

  "Koa 3": (hooks) => {
    const app = new Koa();
    app.use(async (context) => {
      context.respond = false;
      await hooks.node(context.req, context.res);
    });
    return listening(app.callback());
  },

  "Hono 4": async (hooks) => {
    const app = new Hono();
    app.all(PATH, (context) => hooks.fetch(context.req.raw));
    return inProcess((sent) => callOverFetch((request) => app.fetch(request), sent));
  },

  // As Next.js calls a route of the App Router: the request, and the parameters of the path.
  "a route function of the App Router": async (hooks) => {
    const POST = hooks.fetch;
    return inProcess((sent) => callOverFetch((request) => POST(request, { params: Promise.resolve({}) }), sent));
  },

  // As Next.js calls an API route of the Pages Router: node:http with a few fields more, and no body when the parser is
  // off.
  "an API route of the Pages Router": (hooks) =>
    listening((request, response) => {
      Object.assign(request, { query: {}, cookies: {}, body: undefined });
      void hooks.node(request, response);
    }),

  "Lambda, REST API": (hooks) => lambda(hooks, restEvent),
  "Lambda, REST API, base64": (hooks) => lambda(hooks, (sent) => base64(restEvent(sent), sent)),
  "Lambda, HTTP API": (hooks) => lambda(hooks, httpEvent),
  "Lambda, HTTP API, base64": (hooks) => lambda(hooks, (sent) => base64(httpEvent(sent), sent)),
  "Lambda, function URL": (hooks) =>
    lambda(hooks, (sent) => ({ ...httpEvent(sent), rawPath: "/", requestContext: { http: { method: sent.method } } })),
  "Lambda, load balancer": (hooks) => lambda(hooks, balancerEvent),
  "Lambda, load balancer, multi-value headers": (hooks) =>
    lambda(hooks, (sent) => {
      const { headers, queryStringParameters, ...rest } = balancerEvent(sent);
      return { ...rest, multiValueHeaders: lists(headers ?? {}), multiValueQueryStringParameters: lists(queryStringParameters ?? {}) };
    }),
};

/** Listens on the loopback address. */
export async function listening(listener: RequestListener): Promise<Served> {
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    call: (sent) => callOverHttp(port, PATH, sent),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function inProcess(call: Served["call"]): Served {
  return { call, close: () => Promise.resolve() };
}

async function lambda(hooks: Hooks, eventOf: (sent: Sent) => LambdaEvent): Promise<Served> {
  const handler = lambdaHooks(hooks);
  const call = async (sent: Sent): Promise<Heard> => {
    const { statusCode, headers, multiValueHeaders, body } = await handler(eventOf(sent));
    const single = Object.fromEntries(Object.entries(multiValueHeaders ?? {}).map(([name, values]) => [name, values.join(",")]));
    return { status: statusCode, headers: headers ?? single, body };
  };
  return { ...inProcess(call), waitsForWork: true };
}

const textOf = ({ body }: Sent): string => new TextDecoder("utf-8", { ignoreBOM: true }).decode(Buffer.concat(body));

/** Payload 1.0. Names of headers come as they were sent. */
function restEvent(sent: Sent): LambdaEvent {
  const headers = Object.fromEntries(Object.entries(sent.headers).map(([name, value]) => [titled(name), value]));
  return {
    httpMethod: sent.method,
    path: PATH,
    headers,
    multiValueHeaders: lists(headers),
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    body: sent.body.length === 0 ? null : textOf(sent),
    isBase64Encoded: false,
    requestContext: {},
  };
}

/** Payload 2.0. */
function httpEvent(sent: Sent): LambdaEvent {
  return {
    rawPath: PATH,
    rawQueryString: "",
    headers: sent.headers,
    requestContext: { http: { method: sent.method } },
    ...(sent.body.length === 0 ? {} : { body: textOf(sent) }),
    isBase64Encoded: false,
  };
}

function balancerEvent(sent: Sent): LambdaEvent {
  return {
    requestContext: { elb: { targetGroupArn: "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/hooks/1" } },
    httpMethod: sent.method,
    path: PATH,
    queryStringParameters: {},
    headers: sent.headers,
    body: textOf(sent),
    isBase64Encoded: false,
  };
}

function base64(event: LambdaEvent, { body }: Sent): LambdaEvent {
  return { ...event, body: Buffer.concat(body).toString("base64"), isBase64Encoded: true };
}

function lists<Value>(singles: Readonly<Record<string, Value | undefined>>): Record<string, Value[]> {
  return Object.fromEntries(Object.entries(singles).flatMap(([name, value]) => (value === undefined ? [] : [[name, [value]]])));
}

function titled(name: string): string {
  return name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}
