import { HEADERS } from "@carabiner/protocol";
import Fastify, { type FastifyInstance } from "fastify";
import { errorAnswer } from "../api/error-answer.ts";
import { type OperatorAnswer, type OperatorOptions, readyOperatorCall } from "../api/run-operator-call.ts";
import type { OperatorCall } from "../operations/operator-call.ts";
import { asApiError, notRecognized } from "./as-api-error.ts";
import { addBodyParsers, type RequestBody } from "./body-parsers.ts";
import { NO_SCHEMAS } from "./no-schemas.ts";
import { alive } from "./probes.ts";
import { type Log, logFailure } from "./request-log.ts";
import { pathOf } from "./shown-path.ts";

export interface ControlServerOptions extends OperatorOptions {
  calls: readonly OperatorCall[];
  /** The caller's name for the audit log. */
  by: string;
  log: Log;
  /** This server's mark, which `/livez` shows; null in a command, which has no server. */
  mark: string | null;
}

/**
 * The HTTP server of the operator's calls, not yet listening. It takes forms or JSON, answers JSON, and renders errors
 * as the API does. It requires no key, so nobody but the operator may be able to reach it. `inject` makes a call
 * without a socket.
 */
export function createControlServer({ calls, by, log, mark, ...options }: ControlServerOptions): FastifyInstance {
  const { clock, ids, limits } = options;
  const app = Fastify({
    logger: false,
    schemaController: NO_SCHEMAS,
    genReqId: () => ids.newId("request", clock.now()),
    bodyLimit: limits.requestBodyBytes,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: limits.pathParameterChars, querystringParser: (text) => ({ text }) },
  });
  addBodyParsers(app);
  app.addHook("onRequest", (request, reply, done) => {
    reply.header(HEADERS.requestId, request.id);
    done();
  });

  const written = (id: string, form: string, { status, error, cause }: OperatorAnswer): void => {
    if (cause !== null) logFailure(log, id, cause);
    log.info({ code: "operator.request", requestId: id, operator: form, status, error: error ?? undefined }, "operator request");
  };
  for (const call of calls) {
    const run = readyOperatorCall(call, options);
    app.route({
      method: call.method,
      url: call.path,
      async handler(request, reply) {
        const answer = await run({
          id: request.id,
          by,
          from: null,
          path: pathOf(request),
          named: request.params as Record<string, string>,
          query: (request.query as { text: string }).text,
          body: (request.body as RequestBody | null | undefined) ?? null,
        });
        written(request.id, `${call.method} ${call.path}`, answer);
        return reply.code(answer.status).type("application/json").send(answer.body);
      },
    });
  }
  if (mark !== null) app.get("/livez", async () => alive(mark));
  app.setErrorHandler((thrown, request, reply) => {
    const answer = errorAnswer(asApiError(thrown, request, limits.requestBodyBytes));
    written(request.id, "none", answer);
    return reply.code(answer.status).type("application/json").send(answer.body);
  });
  app.setNotFoundHandler((request, reply) => {
    const answer = errorAnswer(notRecognized(request));
    return reply.code(answer.status).type("application/json").send(answer.body);
  });
  return app;
}
