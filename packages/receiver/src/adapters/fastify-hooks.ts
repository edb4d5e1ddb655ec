import type { FastifyPluginAsync } from "fastify";
import type { Answer, Incoming } from "../http-exchange.ts";
import { readStream } from "./read-stream.ts";

const REMEDY =
  "A Fastify hook or plugin read the request before its route. Register fastifyHooks outside the scope of that preParsing or onRequest hook, and do not wrap it in fastify-plugin.";

/** Where the plugin listens. */
export interface FastifyHooksOptions {
  /** The path of the webhook endpoint, `/webhooks/stripe`, below the prefix of `register`, if any. */
  url: string;
}

/**
 * A plugin for Fastify: `await fastify.register(fastifyHooks(hooks), { url: "/stripe" })`. It parses no bodies inside
 * the plugin and changes nothing outside: other routes get their bodies parsed as before.
 */
export function fastifyHooks(hooks: { handle(incoming: Incoming): Promise<Answer> }): FastifyPluginAsync<FastifyHooksOptions> {
  return async (fastify, { url }) => {
    fastify.removeAllContentTypeParsers();
    fastify.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
    fastify.all(url, async (request, reply) => {
      const { raw } = request;
      // The stream that a preParsing hook passed on, if any. Requests without a body do not have one.
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
      // Unread data remains: the connection cannot be used again.
      if (!raw.complete) reply.header("connection", "close");
      return reply.code(status).headers(headers).send(body);
    });
  };
}

function isStream(body: unknown): body is NodeJS.ReadableStream & { readableEnded: boolean; readableDidRead: boolean } {
  return typeof body === "object" && body !== null && "readableEnded" in body && "pipe" in body;
}
