import type * as OpenTelemetry from "@opentelemetry/api";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Settlement } from "../store/contract/delivery-store.ts";
import type { Store } from "../store/store.ts";

/** Spans of what a server does, for OpenTelemetry. They hold ids, routes and outcomes: never parameters or bodies. */
export interface Traces {
  /** The same store, with a span for each commit of a request, and one for each attempt that is settled. */
  traced(store: Store): Store;
  /** A hook of Fastify: a span for each request, in the trace that its `traceparent` names, active until its answer. */
  around(request: FastifyRequest, reply: FastifyReply, done: () => void): void;
}

const NAME = "carabiner";

/**
 * The spans of a server, by the API's own package. Null when the program has registered no tracer provider: then nothing
 * is called at all. Names and attributes: https://opentelemetry.io/docs/specs/semconv/http/http-spans/
 */
export function createTraces({ trace, context, propagation, ...api }: typeof OpenTelemetry): Traces | null {
  const provider = trace.getTracerProvider();
  const tracer = provider instanceof api.ProxyTracerProvider ? provider.getDelegateTracer(NAME) : provider.getTracer(NAME);
  if (tracer === undefined) return null;
  const { SpanKind, SpanStatusCode, ROOT_CONTEXT } = api;

  function attempted({ attempt, deliveryId, endpointId }: Settlement): void {
    if (attempt === null) return;
    const { number, at, durationMs, outcome, status } = attempt;
    const attributes = {
      "carabiner.delivery": deliveryId,
      "carabiner.endpoint": endpointId,
      "carabiner.attempt": number,
      "carabiner.outcome": outcome,
      ...(status === null ? {} : { "http.response.status_code": status }),
    };
    // It belongs to no request: it may be made days later.
    const span = tracer?.startSpan("webhook attempt", { kind: SpanKind.PRODUCER, startTime: at, attributes }, ROOT_CONTEXT);
    if (outcome !== "succeeded") span?.setStatus({ code: SpanStatusCode.ERROR });
    span?.end(at + durationMs);
  }

  return {
    traced: (store) => ({
      ...store,
      async transaction(work) {
        const span = tracer.startSpan("commit");
        try {
          return await store.transaction(work);
        } catch (error) {
          span.setStatus({ code: SpanStatusCode.ERROR });
          throw error;
        } finally {
          span.end();
        }
      },
      async settle(batch, checks) {
        const result = await store.settle(batch, checks);
        const refused = new Set(result.refused);
        for (const settlement of batch) if (!refused.has(settlement.deliveryId)) attempted(settlement);
        return result;
      },
    }),
    around(request, reply, done) {
      const from = propagation.extract(ROOT_CONTEXT, request.headers);
      const { url: route } = request.routeOptions;
      const attributes = {
        "http.request.method": request.method,
        "carabiner.request": request.id,
        ...(route === undefined ? {} : { "http.route": route }),
      };
      const span = tracer.startSpan(
        route === undefined ? request.method : `${request.method} ${route}`,
        { kind: SpanKind.SERVER, attributes },
        from,
      );
      reply.raw.once("close", () => {
        const status = reply.raw.statusCode;
        span.setAttribute("http.response.status_code", status);
        if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      });
      context.with(trace.setSpan(from, span), done);
    },
  };
}
