import Fastify from "fastify";
import { expect, test } from "vitest";
import { type Store, StoreUnavailable } from "../store/store.ts";
import { addProbes } from "./probes.ts";

function serverOver(
  read: () => Promise<unknown>,
  { trouble = null, patience }: { trouble?: string | null; patience?: Promise<void> } = {},
) {
  const app = Fastify();
  const store = { read } as unknown as Pick<Store, "read">;
  const pause = () => patience ?? new Promise<void>(() => undefined);
  addProbes(app, { store, clock: { pause }, limits: { probeMs: 800 }, trouble: () => trouble }, "0123456789abcdef");
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
  const ask = serverOver(() => Promise.reject(new StoreUnavailable("Nothing can be stored: the disk is full.")));
  expect((await ask("/livez")).status).toBe(200);
  for (const path of ["/readyz", "/health"])
    expect(await ask(path), path).toEqual({
      status: 503,
      body: { status: "unavailable", reason: "Nothing can be stored: the disk is full." },
    });
});

test("a server whose store answers and takes nothing is not ready", async () => {
  const ask = serverOver(async () => "serve", { trouble: "The database has stored nothing for this server for 9 s." });
  expect(await ask("/readyz")).toMatchObject({ status: 503, body: { reason: "The database has stored nothing for this server for 9 s." } });
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

test("a store that is silent is told of in time, and is asked once", async () => {
  let looks = 0;
  const ask = serverOver(
    () => {
      looks++;
      return new Promise(() => undefined);
    },
    { patience: Promise.resolve() },
  );
  for (let nth = 0; nth < 5; nth++)
    expect(await ask("/readyz")).toEqual({
      status: 503,
      body: { status: "unavailable", reason: "The store has not answered within 800 ms." },
    });
  expect(looks).toBe(1);
});
