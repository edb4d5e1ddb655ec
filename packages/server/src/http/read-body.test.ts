import type { IncomingMessage } from "node:http";
import { PassThrough } from "node:stream";
import { ApiError } from "@carabiner/protocol";
import { expect, test } from "vitest";
import { readBody } from "./read-body.ts";

/** What `readBody` says of a body of these pieces, each time that it says something. */
async function told(pieces: readonly string[], { length, fails = false }: { length?: number; fails?: boolean } = {}): Promise<unknown[]> {
  const body = new PassThrough();
  const headers = length === undefined ? {} : { "content-length": String(length) };
  const said: unknown[] = [];
  const closed = new Promise((resolve) => body.once("close", resolve));
  readBody(Object.assign(body, { headers }) as unknown as IncomingMessage, 10, (error, bytes) => {
    said.push(error instanceof ApiError ? error.error : (error?.message ?? bytes?.toString()));
  });
  body.resume();
  for (const piece of pieces) body.write(piece);
  if (fails) body.destroy(new Error("gone"));
  else body.end();
  await closed;
  return said;
}

test.each([
  { pieces: [], said: [""] },
  { pieces: [], length: 0, said: [""] },
  { pieces: ["a=1"], length: 3, said: ["a=1"] },
  { pieces: ["a=", "1&b", "=2"], said: ["a=1&b=2"] },
  { pieces: ["0123456789"], length: 10, said: ["0123456789"] },
  { pieces: [], length: 11, said: ["body_too_large"] },
  { pieces: ["01234567", "89", "0", "1"], said: ["body_too_large"] },
  { pieces: ["a=1"], length: 4, said: ["body_malformed"] },
  { pieces: ["a=1"], length: 4, fails: true, said: ["gone"] },
  { pieces: ["0123456789a"], fails: true, said: ["body_too_large"] },
])("of $pieces, $length bytes long by its head, failing: $fails, it says $said", async ({ pieces, said, ...how }) => {
  expect(await told(pieces, how)).toEqual(said);
});
