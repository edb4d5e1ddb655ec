import type { Attributes, MeterProvider, Span, TracerProvider } from "@opentelemetry/api";
import { Defer, Discard } from "../handler-errors.ts";
import type { Depth } from "../inbox/inbox.ts";
import type { Report } from "../report.ts";
import { systemClock } from "../system-clock.ts";
import type { Step, Telemetry } from "./telemetry.ts";

/** The part of `@opentelemetry/api` that is used: `import * as api from "@opentelemetry/api"`. */
export interface OpenTelemetryApi {
  trace: TracerProvider & { getActiveSpan(): Span | undefined };
  metrics: MeterProvider;
  SpanKind: { CONSUMER: 4 };
  SpanStatusCode: { ERROR: 2 };
}

/** Telemetry that also has gauges. */
export interface OpenTelemetry extends Telemetry {
  /** Reports how much waits in the inbox whenever metrics are collected. Call it after creating the receiver. */
  observe(hooks: { depth(): Promise<Depth> }): void;
}

const NAME = "@carabiner/receiver";

/**
 * Spans and metrics for OpenTelemetry: `createReceiver({ telemetry: openTelemetry(api) })`, with your installed API.
 * Each request and each try of a handler has a span, which is active inside it, so a handler's calls become its
 * children. Metrics count by outcome and reason. Spans contain ids and types of events, never their content, and no
 * metric has an account as a label.
 */
export function openTelemetry({ trace, metrics, SpanKind, SpanStatusCode }: OpenTelemetryApi): OpenTelemetry {
  const tracer = trace.getTracer(NAME);
  const meter = metrics.getMeter(NAME);
  const refused = meter.createCounter("webhook.refused", { description: "Requests answered with something other than 200, by reason" });
  const received = meter.createCounter("webhook.received", { description: "Verified events, by outcome" });
  const handled = meter.createCounter("webhook.handled", { description: "Tries of handlers, by handler and outcome" });
  const connections = meter.createCounter("webhook.connections", { description: "Accounts that left or came back" });
  const trouble = meter.createCounter("webhook.trouble", { description: "What someone should look at" });
  const age = meter.createHistogram("webhook.event.age", { description: "From an event's creation to its arrival", unit: "s" });
  const duration = meter.createHistogram("webhook.handler.duration", { description: "How long tries of handlers took", unit: "s" });

  return {
    during(step, work) {
      const attributes = attributesOf(step);
      const name = step.kind === "receive" ? "webhook receive" : `webhook handle ${step.event.type}`;
      return tracer.startActiveSpan(name, { kind: SpanKind.CONSUMER, attributes }, async (span) => {
        try {
          return await work();
        } catch (error) {
          if (error instanceof Defer || error instanceof Discard) {
            span.setAttribute("webhook.outcome", error instanceof Defer ? "deferred" : "discarded");
          } else {
            span.recordException(error instanceof Error ? error : String(error));
            span.setStatus({ code: SpanStatusCode.ERROR });
          }
          throw error;
        } finally {
          span.end();
        }
      });
    },
    report(report) {
      count(report);
      if (report.kind === "received") trace.getActiveSpan()?.setAttributes({ ...named(report.event), "webhook.outcome": report.outcome });
      if (report.kind === "refused") {
        const span = trace.getActiveSpan();
        span?.setAttributes({ "webhook.outcome": "refused", "error.type": report.reason });
        if (report.status >= 500) span?.setStatus({ code: SpanStatusCode.ERROR });
      }
    },
    observe(hooks) {
      const depth = meter.createObservableGauge("webhook.inbox.depth", { description: "Pieces of work in the inbox, by state" });
      const oldest = meter.createObservableGauge("webhook.inbox.oldest", {
        description: "How long the oldest pending work has waited",
        unit: "s",
      });
      const byHandler = meter.createObservableGauge("webhook.handler.work", {
        description: "Pieces of work that are not settled for good, by handler and state",
      });
      const oldestByHandler = meter.createObservableGauge("webhook.handler.oldest", {
        description: "How long the oldest pending work of a handler has waited",
        unit: "s",
      });
      meter.addBatchObservableCallback(
        async (result) => {
          const { work, oldestPendingAt, handlers } = await hooks.depth();
          const waited = (at: number | null): number => (at === null ? 0 : (systemClock.now() - at) / 1_000);
          for (const [state, pieces] of Object.entries(work)) result.observe(depth, pieces, { state });
          result.observe(oldest, waited(oldestPendingAt));
          for (const { handler, oldestPendingAt: at, ...states } of handlers) {
            for (const state of ["pending", "dead", "quarantined"] as const) result.observe(byHandler, states[state], { handler, state });
            result.observe(oldestByHandler, waited(at), { handler });
          }
        },
        [depth, oldest, byHandler, oldestByHandler],
      );
    },
  };

  function count(report: Report): void {
    switch (report.kind) {
      case "refused":
        refused.add(1, { reason: report.reason });
        break;
      case "received":
        received.add(1, { outcome: report.outcome, endpoint: report.event.endpoint });
        age.record(report.ageMs / 1_000, { endpoint: report.event.endpoint });
        break;
      case "handled":
        handled.add(1, { handler: report.handler, outcome: report.outcome });
        duration.record(report.durationMs / 1_000, { handler: report.handler });
        break;
      case "connection":
        connections.add(1, { outcome: report.outcome });
        break;
      case "trouble":
        trouble.add(1);
        break;
    }
  }
}

function attributesOf(step: Step): Attributes {
  return step.kind === "receive" ? {} : { ...named(step.event), "webhook.handler": step.handler, "webhook.attempt": step.attempt };
}

function named(event: { id: string; type: string; account: string | null; livemode: boolean; endpoint: string }): Attributes {
  return {
    "webhook.event.id": event.id,
    "webhook.event.type": event.type,
    "webhook.livemode": event.livemode,
    "webhook.endpoint": event.endpoint,
    ...(event.account === null ? {} : { "webhook.account": event.account }),
  };
}
