import type { CarabinerOptions } from "./carabiner-options.ts";
import type { Metrics } from "./service/metrics.ts";
import type { Traces } from "./service/traces.ts";
import type { Store } from "./store/store.ts";

/** Whatever watches a server from outside. */
export interface Observation {
  /** Null without the option `metrics`. */
  metrics: Metrics | null;
  /** Null when the program has registered no tracer provider. */
  traces: Traces | null;
  /** The same store, watched. */
  over(store: Store): Store;
}

/** Where OpenTelemetry's API keeps what a program has registered, for all copies of the package in a process. */
const REGISTERED = Symbol.for("opentelemetry.js.api.1");

/** Attempts should name their spans, but nothing in this process makes spans. */
class MissingTracer extends Error {
  override readonly name = "MissingTracer";
}

/**
 * Starts watching a server. Each library is loaded only when it is used. Throws `MissingTracer` when the option
 * `traceparent` is set and no OpenTelemetry SDK is registered.
 */
export async function observe({
  metrics: asked,
  traceparent: outbound = false,
}: Pick<CarabinerOptions, "metrics" | "traceparent">): Promise<Observation> {
  const metrics = asked === undefined ? null : (await import("./service/metrics.ts")).createMetrics();
  const traces = REGISTERED in globalThis ? await openTraces(outbound) : null;
  if (outbound && traces === null)
    throw new MissingTracer("traceparent: there is no OpenTelemetry SDK whose spans a webhook could name. Register one before the start.");
  return {
    metrics,
    traces,
    over(store) {
      const measured = metrics?.measured(store) ?? store;
      return traces?.traced(measured) ?? measured;
    },
  };
}

async function openTraces(outbound: boolean): Promise<Traces | null> {
  const [api, { createTraces }] = await Promise.all([import("@opentelemetry/api"), import("./service/traces.ts")]);
  return createTraces(api, { outbound });
}
