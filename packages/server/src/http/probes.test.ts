import Fastify from "fastify";
import { expect, test } from "vitest";
import { type Store, StoreUnavailable } from "../store/store.ts";
import { addProbes } from "./probes.ts";

function serverOver(read: () => Promise<unknown>) {
  const app = Fastify();
  addProbes(app, { read } as unknown as Pick<Store, "read">, "0123456789abcdef");
  return async (path: string) => {
    const answer = await app.inject(path);
    return { status: answer.statusCode, body: answer.json() as object };
  };
}

test("a server whose store answers lives and is ready", async () => {
  const ask = serverOver(async () => "serve");
  for (const path of ["/readyz", "/health"]) expect(await ask(path), path).toEqual({ status: 200, body: { status: "ok" } });
  expect(await ask("/livez")).toEqual({ status: 200, body: { status: "ok", server: "0123456789abcdef" } });
});

test("without its store it lives and is not ready, and says why", async () => {
  const ask = serverOver(() => Promise.reject(new StoreUnavailable("gone")));
  expect((await ask("/livez")).status).toBe(200);
  for (const path of ["/readyz", "/health"])
    expect(await ask(path), path).toEqual({ status: 503, body: { status: "unavailable", reason: "The store cannot be reached." } });
});

test("those who ask at the same time share one look at the store", async () => {
  let looks = 0;
  const looked = Promise.withResolvers<void>();
  const ask = serverOver(() => {
    looks++;
    return looked.promise;
  });
  const answers = [ask("/readyz"), ask("/health"), ask("/readyz")];
  await Promise.resolve();
  looked.resolve();
  for (const { status } of await Promise.all(answers)) expect(status).toBe(200);
  expect(looks).toBe(1);
});
