import { hash } from "node:crypto";
import { apiError } from "@carabiner/protocol";
import { Busboy, type BusboyInstance } from "@fastify/busboy";
import type { Limits } from "../limits.ts";
import type { Upload } from "../operations/operation.ts";
import { shownName } from "./decode-form.ts";

/** The parts of a multipart/form-data body. */
export interface Multipart {
  /** The parts that are not files, as a form, with the same checks as every form. */
  form: string;
  /** The files. */
  uploads: Upload[];
}

type UploadLimits = Pick<Limits, "uploadBodyBytes" | "uploadParts" | "uploadFieldBytes" | "uploadHeaderBytes">;

/**
 * Splits a multipart/form-data body into its parts. `type` is its content type, with the boundary. A part with a file
 * name is a file. Throws `upload_malformed` for a body that does not match its type, ends early, or exceeds the limits
 * on the number and size of parts. Source: RFC 7578
 */
export function decodeMultipart({ type, bytes }: { type: string; bytes: Uint8Array }, limits: UploadLimits): Promise<Multipart> {
  const { promise, resolve, reject } = Promise.withResolvers<Multipart>();
  const fields: [name: string, value: string][] = [];
  const uploads: Upload[] = [];
  const refuse = (reason: string) => reject(apiError("upload_malformed", { reason }));
  const parser = createParser(type, limits);
  if (parser === null) throw apiError("upload_malformed", { reason: "its content type names no boundary" });

  parser.on("field", (name: string | undefined, value, _, truncated) => {
    if (name === undefined) refuse("one of its parts has no name");
    else if (truncated) refuse(`${shownName(name)} has more than ${limits.uploadFieldBytes} bytes`);
    else fields.push([name, value]);
  });
  parser.on("file", (name: string | undefined, stream, filename) => {
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("error", () => refuse("it ends early"));
    stream.on("end", () => {
      const content = Buffer.concat(chunks);
      if (name === undefined) refuse("one of its parts has no name");
      else if (filename?.includes("\0") === true) refuse("the name of its file holds a NUL character");
      else uploads.push({ param: name, name: filename ?? "", bytes: content, sha256: hash("sha256", content, "hex") });
    });
  });
  for (const limit of ["partsLimit", "filesLimit", "fieldsLimit"] as const)
    parser.on(limit, () => refuse(`it has more than ${limits.uploadParts} parts, or more than one file`));
  parser.on("error", () => refuse("it ends early, or its parts are not separated by its boundary"));
  parser.on("finish", () => resolve({ form: new URLSearchParams(fields).toString(), uploads }));
  parser.end(bytes);
  return promise;
}

/** Null for a content type without a boundary. */
function createParser(type: string, limits: UploadLimits): BusboyInstance | null {
  if (!/;\s*boundary=/i.test(type)) return null;
  return new Busboy({
    headers: { "content-type": type },
    limits: {
      parts: limits.uploadParts,
      files: 1,
      fileSize: limits.uploadBodyBytes,
      fieldSize: limits.uploadFieldBytes,
      headerSize: limits.uploadHeaderBytes,
    },
  });
}
