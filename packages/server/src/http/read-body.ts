import { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { apiError } from "@carabiner/protocol";

const EMPTY = Buffer.alloc(0);

/**
 * Reads the body of a request whole, and calls `done` once: with the bytes, or with why they are refused. Fastify's own
 * reading does the same, but takes its listeners back, and copies what came in one piece.
 */
export function readBody(request: IncomingMessage, maxBytes: number, done: (error: Error | null, bytes?: Buffer) => void): void {
  const { "content-length": told } = request.headers;
  const length = told === undefined ? null : Number(told);
  if (length !== null && length > maxBytes) {
    done(tooLarge(maxBytes));
    return;
  }
  let first: Buffer | null = null;
  let pieces: Buffer[] | null = null;
  let received = 0;
  let over = false;

  function end(error: Error | null, bytes?: Buffer): void {
    if (over) return;
    over = true;
    done(error, bytes);
  }

  request.on("data", (chunk: Buffer) => {
    received += chunk.length;
    if (received > maxBytes) end(tooLarge(maxBytes));
    else if (first === null) first = chunk;
    else {
      pieces ??= [first];
      pieces.push(chunk);
    }
  });
  request.on("end", () => {
    if (length !== null && received !== length) end(apiError("body_malformed", { reason: "it is not as long as its Content-Length says" }));
    else end(null, pieces === null ? (first ?? EMPTY) : Buffer.concat(pieces, received));
  });
  // The client's fault: it went away, or sent what is no body.
  request.on("error", (error) => end(Object.assign(error, { statusCode: 400 })));
}

const tooLarge = (limit: number) => apiError("body_too_large", { limit });
