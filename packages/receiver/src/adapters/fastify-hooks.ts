import type { FastifyPluginAsync } from "fastify";
import type { Answer, Incoming } from "../http-exchange.ts";
import { readStream } from "./read-stream.ts";

const REMEDY =
  "A Fastify hook or plugin read the request before its route. Register fastifyHooks outside the scope of that preParsing or onRequest hook, and do not wrap it in fastify-plugin.";

/** Where the plugin listens. */
export interface FastifyHooksOptions {
  /** The path of the webhook endpoint, `/webhooks/stripe`. Below the prefix that `register` was given, if any. */
  url: string;
}

/**
 * A plugin for Fastify: `await fastify.register(fastifyHooks(hooks), { url: "/stripe" })`. Within it no body is parsed, and outside it nothing
 * changes: other routes get their bodies parsed as before.
 */
export function fastifyHooks(hooks: { handle(incoming: Incoming): Promise<Answer> }): FastifyPluginAsync<FastifyHooksOptions> {
  return async (fastify, { url }) => {
    fastify.removeAllContentTypeParsers();
    fastify.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
    fastify.all(url, async (request, reply) => {
      const { raw } = request;
      // The stream that a preParsing hook handed on, if there was one. Requests without a body have none.
      const stream = isStream(request.body) ? request.body : raw;
      const read = stream.readableEnded || stream.readableDidRead;
      const { status, headers, body } = await hooks.handle({
        method: request.method,
        url: request.originalUrl,
        header(name) {
          const value = request.headers[name];
          return Array.isArray(value) ? value.join(",") : value;
        },
        body: read
          ? { kind: "consumed", left: undefined, remedy: REMEDY }
          : (limitBytes) => readStream(stream, limitBytes, request.headers["content-length"]),
      });
      // What was not read stays unread: the connection cannot be used again.
      if (!raw.complete) reply.header("connection", "close");
      return reply.code(status).headers(headers).send(body);
    });
  };
}

function isStream(body: unknown): body is NodeJS.ReadableStream & { readableEnded: boolean; readableDidRead: boolean } {
  return typeof body === "object" && body !== null && "readableEnded" in body && "pipe" in body;
}
