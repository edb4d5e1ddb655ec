import type { CarabinerOptions } from "./carabiner-options.ts";
import type { Metrics } from "./service/metrics.ts";
import type { Traces } from "./service/traces.ts";
import type { Store } from "./store/store.ts";

/** Those who watch a server from outside. */
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

/** Starts watching a server. Libraries are loaded only for those who use them. */
export async function observe({ metrics: asked }: Pick<CarabinerOptions, "metrics">): Promise<Observation> {
  const metrics = asked === undefined ? null : (await import("./service/metrics.ts")).createMetrics();
  const traces = REGISTERED in globalThis ? await openTraces() : null;
  return {
    metrics,
    traces,
    over(store) {
      const measured = metrics?.measured(store) ?? store;
      return traces?.traced(measured) ?? measured;
    },
  };
}

async function openTraces(): Promise<Traces | null> {
  const [api, { createTraces }] = await Promise.all([import("@opentelemetry/api"), import("./service/traces.ts")]);
  return createTraces(api);
}
