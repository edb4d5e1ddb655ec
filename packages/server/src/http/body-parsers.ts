import { isUtf8 } from "node:buffer";
import { apiError } from "@carabiner/protocol";
import type { FastifyInstance } from "fastify";
import type { ApiRequest } from "../api/call.ts";

/** A body that was read but not parsed. Authentication comes first. */
export type RequestBody = NonNullable<ApiRequest["body"]>;

/**
 * Reads bodies: forms and JSON. A body without a content type counts as a form, as curl users expect. An empty body
 * counts as no body, whatever its type. Other types are refused with `content_type_unsupported`, bytes that are not
 * UTF-8 with `body_malformed`.
 */
export function addBodyParsers(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const read = (kind: "form" | "json") => (_: unknown, bytes: Buffer, done: (error: Error | null, body?: unknown) => void) =>
    bytes.length > 0 && !isUtf8(bytes)
      ? done(apiError("body_malformed", { reason: "it is not valid UTF-8" }))
      : done(null, bytes.length === 0 ? null : { kind, text: bytes.toString("utf8") });
  app.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "buffer" }, read("form"));
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, read("json"));
  app.addContentTypeParser("*", { parseAs: "buffer" }, (request, bytes: Buffer, done) => {
    const type = request.headers["content-type"];
    if (type === undefined || type === "") return read("form")(request, bytes, done);
    if (bytes.length === 0) return done(null, null);
    done(unsupported(type));
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
