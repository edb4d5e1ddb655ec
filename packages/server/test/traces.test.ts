import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as api from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { afterEach, expect, test } from "vitest";
import { createPlatform } from "../src/create-platform.ts";
import { createTraces } from "../src/service/traces.ts";
import { client } from "./platform-of-its-own.ts";
import { cleanUp, start } from "./server-of-its-own.ts";
import { startWebhookReceiver } from "./webhook-receiver.ts";

/** Reads the header of https://www.w3.org/TR/trace-context/, as the SDK's propagator does. */
const fromTraceparent: api.TextMapPropagator = {
  inject: () => undefined,
  extract(context, carrier, getter) {
    const [, traceId, spanId, flags] = String(getter.get(carrier, "traceparent") ?? "").split("-");
    if (traceId === undefined || spanId === undefined) return context;
    return api.trace.setSpanContext(context, { traceId, spanId, traceFlags: Number(flags), isRemote: true });
  },
  fields: () => ["traceparent"],
};

const spans = new InMemorySpanExporter();

function register(): void {
  api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  api.propagation.setGlobalPropagator(fromTraceparent);
  api.trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] }));
}

test("without an SDK there are no spans, and nothing is wrapped", () => {
  expect(createTraces(api, { outbound: false })).toBeNull();
});

test("without an SDK a server that is to name spans does not start", async () => {
  await expect(start({ traceparent: true })).rejects.toThrow(/^traceparent: there is no OpenTelemetry SDK/);
});

afterEach(() => {
  api.context.disable();
  api.propagation.disable();
  api.trace.disable();
});

test("a request, its commit and the attempts have spans, in the caller's trace and with ids alone", async () => {
  register();
  const receiver = await startWebhookReceiver(() => 500);
  cleanUp.push(() => receiver.close());
  const server = await start();
  const stripe = client(server, server.keys.test.secret);
  const endpoint = await stripe.webhookEndpoints.create({ url: receiver.url("/hook"), enabled_events: ["account.updated"], connect: true });
  spans.reset();

  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const answer = await fetch(`${server.url}/v1/accounts`, {
    method: "POST",
    headers: { authorization: `Bearer ${server.keys.test.secret}`, traceparent: `00-${traceId}-b7ad6b7169203331-01` },
    body: new URLSearchParams({ type: "custom", country: "US", email: "jenny@example.com" }),
  });
  const { id } = (await answer.json()) as { id: string };
  await stripe.accounts.update(id, { metadata: { order: "6735" } });
  await server.idle();

  const finished = spans.getFinishedSpans();
  const request = finished.find(({ name }) => name === "POST /v1/accounts");
  expect(request).toMatchObject({
    kind: api.SpanKind.SERVER,
    parentSpanContext: { spanId: "b7ad6b7169203331" },
    attributes: { "http.request.method": "POST", "http.route": "/v1/accounts", "http.response.status_code": 200 },
  });
  expect(request?.attributes["carabiner.request"]).toBe(answer.headers.get("request-id"));
  const inTrace = finished.filter((span) => span.spanContext().traceId === traceId);
  expect(inTrace.map(({ name }) => name).sort()).toContain("commit");
  expect(inTrace.find(({ name }) => name === "commit")?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId);
  const attempt = finished.find(({ name }) => name === "webhook attempt");
  expect(attempt).toMatchObject({
    kind: api.SpanKind.PRODUCER,
    status: { code: api.SpanStatusCode.ERROR },
    attributes: {
      "carabiner.endpoint": endpoint.id,
      "carabiner.attempt": 1,
      "carabiner.outcome": "status",
      "http.response.status_code": 500,
    },
  });
  expect(JSON.stringify(finished.map(({ name, attributes }) => [name, attributes]))).not.toMatch(/jenny|sk_test|127\.0\.0\.1/);
});

/** The headers that name the spans of all attempts that have ended. */
function namesOfAttempts(): string[] {
  const attempts = spans.getFinishedSpans().filter(({ name }) => name === "webhook attempt");
  return attempts.map((span) => `00-${span.spanContext().traceId}-${span.spanContext().spanId}-01`).toSorted();
}

test("each attempt names its own span to the receiver, if asked", async () => {
  register();
  const receiver = await startWebhookReceiver(() => 500);
  cleanUp.push(() => receiver.close());
  const server = await start({ traceparent: true });
  const stripe = client(server, server.keys.test.secret);
  await stripe.webhookEndpoints.create({ url: receiver.url("/hook"), enabled_events: ["customer.created"] });
  spans.reset();
  await stripe.customers.create({});
  await server.idle();
  await server.clock.advance({ seconds: 86_400 });
  const named = receiver.received.map(({ headers }) => String(headers.traceparent));
  expect(named.length).toBeGreaterThan(1);
  expect(new Set(named).size).toBe(named.length);
  expect(namesOfAttempts()).toEqual(named.toSorted());
});

test("so does a server that sends from another thread", async () => {
  register();
  const receiver = await startWebhookReceiver();
  cleanUp.push(() => receiver.close());
  const directory = await mkdtemp(join(tmpdir(), "carabiner-traces-"));
  cleanUp.push(() => rm(directory, { recursive: true }));
  const store = { file: join(directory, "carabiner.db") };
  const { keys } = await createPlatform({ store, name: "Acme" });
  const server = await start({ mode: "serve", store, traceparent: true, allowLocalEndpoints: true });
  const stripe = client(server, keys.test.secret);
  await stripe.webhookEndpoints.create({ url: receiver.url("/hook"), enabled_events: ["customer.created"] });
  spans.reset();
  await stripe.customers.create({});
  await server.idle();
  await server.close();
  expect(namesOfAttempts()).toEqual(receiver.received.map(({ headers }) => headers.traceparent));
  expect(receiver.received).toHaveLength(1);
});

test("nobody who did not ask sends a traceparent", async () => {
  register();
  const receiver = await startWebhookReceiver();
  cleanUp.push(() => receiver.close());
  const server = await start();
  const stripe = client(server, server.keys.test.secret);
  await stripe.webhookEndpoints.create({ url: receiver.url("/hook"), enabled_events: ["customer.created"] });
  await stripe.customers.create({});
  await server.idle();
  expect(receiver.received[0]?.headers).not.toHaveProperty("traceparent");
});
