import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import { ApiError } from "@carabiner/protocol";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, expect, test } from "vitest";
import { asApiError } from "./as-api-error.ts";
import { addBodyParsers, type RequestBody } from "./body-parsers.ts";

let app: FastifyInstance;
/** What the server says of each body: its text, or the name of the error. */
let said: unknown[];

beforeEach(async () => {
  said = [];
  app = Fastify({ logger: false, bodyLimit: 10 });
  addBodyParsers(app);
  app.post("/", (request) => {
    const body = request.body as RequestBody | null;
    said.push(body === null ? null : "text" in body && body.text);
    return "read";
  });
  app.setErrorHandler((thrown, request, reply) => {
    const error = asApiError(thrown, request, 10);
    said.push(error instanceof ApiError ? error.error : error);
    return reply.code(400).send("refused");
  });
  await app.listen({ port: 0, host: "127.0.0.1" });
});
afterEach(() => app.close());

/**
 * Sends a body in pieces: of a length that the head tells, or else chunked. Resolves when the server has ended the
 * connection.
 */
async function send(pieces: readonly string[], { length, cut = false }: { length?: number; cut?: boolean }): Promise<void> {
  const socket = connect((app.server.address() as AddressInfo).port, "127.0.0.1").setNoDelay();
  const closed = once(socket, "close");
  socket.resume();
  const framing = length === undefined ? "Transfer-Encoding: chunked" : `Content-Length: ${length}`;
  socket.write(`POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n${framing}\r\n\r\n`);
  for (const piece of pieces) {
    const chunk = length === undefined ? `${piece.length.toString(16)}\r\n${piece}\r\n` : piece;
    await new Promise((resolve) => socket.write(chunk, resolve));
  }
  if (cut) socket.end();
  else if (length === undefined) socket.write("0\r\n\r\n");
  await closed;
}

test.each([
  { pieces: [], says: [null] },
  { pieces: [], length: 0, says: [null] },
  { pieces: ["a=1"], length: 3, says: ["a=1"] },
  { pieces: ["a=", "1&b", "=2"], says: ["a=1&b=2"] },
  { pieces: ["0123456789"], length: 10, says: ["0123456789"] },
  { pieces: [], length: 11, says: ["body_too_large"] },
  { pieces: ["01234567", "89", "0", "1"], says: ["body_too_large"] },
  { pieces: ["0123456789a"], cut: true, says: ["body_too_large"] },
  { pieces: ["a=\xff"], length: 4, says: ["a=ÿ"] },
])("of $pieces, $length bytes long by its head, cut off: $cut, it says $says", async ({ pieces, says, ...how }) => {
  await send(pieces, how);
  expect(said).toEqual(says);
});
