import * as api from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { memoryInbox } from "../src/inbox/memory-inbox.ts";
import { createReceiver, Defer, receiverMetrics, type Telemetry } from "../src/index.ts";
import { openTelemetry } from "../src/telemetry/open-telemetry.ts";
import { testkit } from "../src/testkit/testkit.ts";
import { START } from "./signed-webhook.ts";
import { turnedClock } from "./turned-clock.ts";

const spans = new InMemorySpanExporter();
const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
// It collects when it is told to: an hour passes in no test.
const reader = new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 3_600_000 });

beforeAll(() => {
  api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  api.trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] }));
  api.metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
});
afterEach(() => spans.reset());
afterAll(async () => {
  await reader.shutdown();
  api.context.disable();
  api.trace.disable();
  api.metrics.disable();
});

function receiver(more: { telemetry?: Telemetry; onReport?: ReturnType<typeof receiverMetrics>["report"] }) {
  const clock = turnedClock();
  const hooks = createReceiver({
    endpoints: { connect: { secret: "whsec_connect", connect: true } },
    livemode: false,
    inbox: memoryInbox(),
    clock,
    log: false,
    ...more,
  });
  return { hooks, clock, kit: testkit(hooks) };
}

test("OpenTelemetry: a span for the request, one for the handler within it, and what the handler does below that", async () => {
  const { hooks, kit } = receiver({ telemetry: openTelemetry(api) });
  hooks.connect.on("payout.failed", () => api.trace.getTracer("mine").startActiveSpan("charge the fee", (span) => span.end()));
  await kit.deliver(kit.event("payout.failed", { account: "acct_1", object: { failure_message: "secret words" } }));

  const [inner, handle, receive] = spans.getFinishedSpans();
  expect([inner?.name, handle?.name, receive?.name]).toEqual(["charge the fee", "webhook handle payout.failed", "webhook receive"]);
  expect(inner?.parentSpanContext?.spanId).toBe(handle?.spanContext().spanId);
  expect(handle?.parentSpanContext?.spanId).toBe(receive?.spanContext().spanId);
  expect(handle?.attributes).toEqual({
    "webhook.event.id": "evt_test_1",
    "webhook.event.type": "payout.failed",
    "webhook.account": "acct_1",
    "webhook.livemode": false,
    "webhook.endpoint": "connect",
    "webhook.handler": "connect:payout.failed",
    "webhook.attempt": 1,
  });
  expect(receive?.attributes).toMatchObject({ "webhook.event.id": "evt_test_1", "webhook.outcome": "stored" });
  expect(JSON.stringify(spans.getFinishedSpans().map(({ attributes, events }) => [attributes, events]))).not.toContain("secret words");
});

test("OpenTelemetry: what fails is an error, what is put off is none, and a refusal has its reason", async () => {
  const { hooks, kit } = receiver({ telemetry: openTelemetry(api) });
  hooks.connect
    .on("payout.failed", () => {
      throw new TypeError("no such merchant");
    })
    .on("payout.paid", () => {
      throw new Defer("later", "1m");
    });
  await kit.deliver(kit.event("payout.failed"));
  await kit.deliver(kit.event("payout.paid"));
  await kit.stale(kit.event("payout.paid"));
  const rows = spans
    .getFinishedSpans()
    .map(({ name, status, attributes, events }) => [
      name,
      status.code,
      attributes["webhook.outcome"] ?? null,
      attributes["error.type"] ?? events[0]?.attributes?.["exception.type"] ?? null,
    ]);
  expect(rows).toEqual([
    ["webhook handle payout.failed", api.SpanStatusCode.ERROR, null, "TypeError"],
    ["webhook receive", api.SpanStatusCode.ERROR, "refused", "handler_failed"],
    ["webhook handle payout.paid", api.SpanStatusCode.UNSET, "deferred", null],
    ["webhook receive", api.SpanStatusCode.ERROR, "refused", "handler_failed"],
    ["webhook receive", api.SpanStatusCode.UNSET, "refused", "timestamp_old"],
  ]);
});

test("OpenTelemetry: counters, histograms, and gauges of the inbox", async () => {
  const telemetry = openTelemetry(api);
  const { hooks, kit } = receiver({ telemetry });
  telemetry.observe(hooks);
  hooks.connect
    .on("payout.paid", { id: "measured" }, () => undefined)
    .on("payout.failed", { id: "dies", attempts: 1 }, () => {
      throw new Error("no");
    });
  await kit.deliver(kit.event("payout.failed"));
  const event = kit.event("payout.paid");
  await kit.twiceAtOnce(event);
  await reader.forceFlush();
  const points = (name: string) =>
    metrics
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics)
      .flatMap((scope) => scope.metrics)
      .filter(({ descriptor }) => descriptor.name === name)
      .flatMap(({ dataPoints }) => dataPoints.map(({ attributes, value }) => [attributes, value]));
  expect(points("webhook.received")).toContainEqual([{ endpoint: "connect", outcome: "duplicate" }, 1]);
  expect(points("webhook.handled")).toContainEqual([{ handler: "measured", outcome: "done" }, 1]);
  expect(points("webhook.handler.duration")).toContainEqual([{ handler: "measured" }, expect.objectContaining({ count: 1 })]);
  expect(points("webhook.inbox.depth")).toContainEqual([{ state: "dead" }, 1]);
  expect(points("webhook.inbox.oldest")).toContainEqual([{}, 0]);
  expect(points("webhook.handler.work")).toContainEqual([{ handler: "dies", state: "dead" }, 1]);
  expect(points("webhook.handler.oldest")).toContainEqual([{ handler: "dies" }, 0]);
});

test("Prometheus: everything that is reported is counted, and what waits is a gauge", async () => {
  const counted = receiverMetrics();
  const { hooks, clock, kit } = receiver({ onReport: counted.report });
  hooks.connect
    .on("payout.paid", { id: 'with "marks"' }, () => undefined)
    .on("payout.failed", () => {
      throw new Error("no");
    });
  const paid = kit.event("payout.paid", { created: START / 1_000 - 30 });
  await kit.deliver(paid);
  await kit.deliver(paid);
  await kit.deliver(kit.event("payout.failed"));
  await kit.tampered(paid);
  await kit.deliver(kit.event("account.application.deauthorized"));
  await clock.turn(90_000);

  expect(counted.count("receiver_events_total", { outcome: "duplicate" })).toBe(1);
  expect(counted.count("receiver_events_total")).toBe(4);
  expect(counted.count("receiver_connections_total", { outcome: "deauthorized" })).toBe(1);
  expect(counted.count("receiver_requests_refused_total", { reason: "signature_mismatch" })).toBe(1);
  const { oldestPendingAt } = await hooks.depth();
  const text = await counted.text(hooks, clock.now());
  for (const line of [
    "# TYPE receiver_events_total counter",
    'receiver_events_total{endpoint="connect",outcome="duplicate"} 1',
    'receiver_handled_total{handler="with \\"marks\\"",outcome="done"} 1',
    'receiver_handled_total{handler="connect:payout.failed",outcome="retry"} 1',
    'receiver_event_age_seconds_bucket{le="15"} 2',
    'receiver_event_age_seconds_bucket{le="60"} 4',
    'receiver_event_age_seconds_bucket{le="+Inf"} 4',
    "receiver_event_age_seconds_count 4",
    "receiver_event_age_seconds_sum 60",
    'receiver_inbox_work{state="pending"} 0',
    `receiver_inbox_oldest_pending_seconds ${oldestPendingAt === null ? 0 : 90}`,
    // An increase from 0 shows, one from nothing does not.
    "receiver_trouble_total 0",
  ]) {
    expect(text.split("\n")).toContain(line);
  }
  expect(text).not.toContain("acct_");
  expect(text.endsWith("\n")).toBe(true);
});

test("Prometheus: what each handler has waiting and dead, and for how long", async () => {
  const { hooks, clock, kit } = receiver({});
  hooks.connect
    .on("payout.failed", { id: "waits" }, () => {
      throw new Error("no");
    })
    .on("payout.paid", { id: "dies", attempts: 1 }, () => {
      throw new Error("no");
    });
  await kit.deliver(kit.event("payout.failed"));
  await kit.deliver(kit.event("payout.paid"));
  await clock.turn(90_000);
  const lines = (await receiverMetrics().text(hooks, clock.now())).split("\n");
  for (const line of [
    'receiver_handler_work{handler="waits",state="pending"} 1',
    'receiver_handler_work{handler="dies",state="pending"} 0',
    'receiver_handler_work{handler="dies",state="dead"} 1',
    'receiver_handler_oldest_pending_seconds{handler="waits"} 90',
    'receiver_handler_oldest_pending_seconds{handler="dies"} 0',
  ]) {
    expect(lines).toContain(line);
  }
});
