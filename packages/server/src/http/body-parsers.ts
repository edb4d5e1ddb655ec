import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { apiError } from "@carabiner/protocol";
import type { FastifyInstance } from "fastify";
import type { ApiRequest } from "../api/call.ts";
import { readBody } from "./read-body.ts";

/** A body that was read but not parsed. Authentication comes first. */
export type RequestBody = NonNullable<ApiRequest["body"]>;

type Done = (error: Error | null, body?: unknown) => void;

/**
 * Reads bodies of at most `maxBytes`: forms and JSON. A body without a content type counts as a form, as curl users
 * expect. An empty body counts as no body, whatever its type. Other types are refused with `content_type_unsupported`,
 * bytes that are not UTF-8 with `body_malformed`.
 */
export function addBodyParsers(app: FastifyInstance, maxBytes: number): void {
  app.removeAllContentTypeParsers();
  const read =
    (kind: "form" | "json") =>
    (_: unknown, payload: IncomingMessage, done: Done): void =>
      readBody(payload, maxBytes, (error, bytes) => {
        if (error !== null || bytes === undefined || bytes.length === 0) done(error, null);
        else if (isUtf8(bytes)) done(null, { kind, text: bytes.toString("utf8") });
        else done(apiError("body_malformed", { reason: "it is not valid UTF-8" }));
      });
  const readForm = read("form");
  app.addContentTypeParser("application/x-www-form-urlencoded", readForm);
  app.addContentTypeParser("application/json", read("json"));
  app.addContentTypeParser("*", (request, payload, done) => {
    const type = request.headers["content-type"];
    if (type === undefined || type === "") return readForm(request, payload, done);
    readBody(payload, maxBytes, (error, bytes) =>
      error === null && bytes !== undefined && bytes.length > 0 ? done(unsupported(type)) : done(error, null),
    );
  });
}

/** Also reads uploads: multipart/form-data of at most `maxBytes`, only for the routes of `app`. */
export function addUploadParser(app: FastifyInstance, maxBytes: number): void {
  app.addContentTypeParser("multipart/form-data", { parseAs: "buffer", bodyLimit: maxBytes }, (request, bytes: Buffer, done) =>
    done(null, { kind: "multipart", type: request.headers["content-type"] ?? "", bytes } satisfies RequestBody),
  );
}

/** The refusal of a content type. */
export const unsupported = (type: string | undefined) => apiError("content_type_unsupported", { type: (type ?? "").slice(0, 80) });
