import type * as OpenTelemetry from "@opentelemetry/api";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Claim, ClaimToken, HotLane, Settlement } from "../store/contract/delivery-store.ts";
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
 * The spans of a server, made with the package of the OpenTelemetry API. Null when the program has registered no tracer
 * provider: then nothing is called at all. Names and attributes:
 * https://opentelemetry.io/docs/specs/semconv/http/http-spans/
 *
 * `outbound`: each attempt tells the receiver its span, in a `traceparent` header. The span then begins with the claim,
 * because the sending engine may be in another thread, which cannot make spans.
 */
export function createTraces(
  { trace, context, propagation, ...api }: typeof OpenTelemetry,
  { outbound }: { outbound: boolean },
): Traces | null {
  const provider = trace.getTracerProvider();
  const tracer = provider instanceof api.ProxyTracerProvider ? provider.getDelegateTracer(NAME) : provider.getTracer(NAME);
  if (tracer === undefined) return null;
  const { SpanKind, SpanStatusCode, ROOT_CONTEXT } = api;

  /** The spans of attempts that have not ended, by the tokens of their claims; empty unless `outbound`. */
  const begun = new Map<ClaimToken, OpenTelemetry.Span>();

  /** A span in its own trace: it does not belong to a request, and may be made days later. */
  function attemptSpan(startTime: number): OpenTelemetry.Span {
    return (tracer as OpenTelemetry.Tracer).startSpan("webhook attempt", { kind: SpanKind.PRODUCER, startTime }, ROOT_CONTEXT);
  }

  /** The claims with the header that names their spans, which begin at a time in Unix milliseconds. */
  function begin(claims: readonly Claim[], beganAt: (claim: Claim) => number): Claim[] {
    return claims.map((claim) => {
      const span = attemptSpan(beganAt(claim));
      begun.set(claim.token, span);
      return { ...claim, traceparent: traceparent(span.spanContext()) };
    });
  }

  function attempted({ attempt, deliveryId, endpointId, token }: Settlement, refused: boolean): void {
    const begunSpan = begun.get(token);
    begun.delete(token);
    // A span that never ends is not exported.
    if (attempt === null || refused) return;
    const { number, at, durationMs, outcome, status } = attempt;
    const span = begunSpan ?? attemptSpan(at);
    span.setAttributes({
      "carabiner.delivery": deliveryId,
      "carabiner.endpoint": endpointId,
      "carabiner.attempt": number,
      "carabiner.outcome": outcome,
      ...(status === null ? {} : { "http.response.status_code": status }),
    });
    if (begunSpan !== undefined) span.addEvent("sending", at);
    if (outcome !== "succeeded") span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(at + durationMs);
  }

  /** A claim may be made before it is due. */
  const beganAt = (request: { now: number }) => (claim: Claim) => Math.max(request.now, claim.dueAt);

  /** The calls of a store that claim or hand over deliveries: their results name the spans. */
  function claiming(store: Store): Pick<Store, "claimDue" | "nextSuspect" | "attach"> {
    return {
      claimDue: async (request) => begin(await store.claimDue(request), beganAt(request)),
      async nextSuspect(request) {
        const claim = await store.nextSuspect(request);
        return claim === null ? null : (begin([claim], beganAt(request))[0] ?? null);
      },
      // A delivery is handed over with the commit that made it.
      attach: (lane) => store.attach(lane === null ? null : namingSpans(lane)),
    };
  }

  const namingSpans = (lane: HotLane): HotLane => ({
    ...lane,
    accept: (claims) => lane.accept(begin(claims, ({ created }) => created)),
    ...(lane.take === undefined ? {} : { take: taking(lane.take) }),
  });

  const taking = (take: NonNullable<HotLane["take"]>) => (claims: readonly Claim[]) => {
    const refused = take(begin(claims, ({ created }) => created));
    for (const { token } of refused) begun.delete(token);
    return refused;
  };

  return {
    traced: (store) => ({
      ...store,
      ...(outbound ? claiming(store) : {}),
      async transaction(work, client) {
        const span = tracer.startSpan("commit");
        try {
          return await store.transaction(work, client);
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
        for (const settlement of batch) attempted(settlement, refused.has(settlement.deliveryId));
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

/** The header for a span, as https://www.w3.org/TR/trace-context/#traceparent-header says. */
function traceparent({ traceId, spanId, traceFlags }: OpenTelemetry.SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
}
