import Fastify from "fastify";
import { expect, test } from "vitest";
import { type Store, StoreUnavailable } from "../store/store.ts";
import { addProbes } from "./probes.ts";

const LIMITS = { probeMs: 800, healthDueMs: 300_000, healthLookMs: 10_000 };

function serverOver(
  read: (reads: (reads: object) => unknown) => Promise<unknown>,
  { trouble = null, patience, now = () => 0 }: { trouble?: string | null; patience?: Promise<void>; now?: () => number } = {},
) {
  const app = Fastify();
  const store = { read } as unknown as Pick<Store, "read">;
  const pause = () => patience ?? new Promise<void>(() => undefined);
  addProbes(app, { store, clock: { pause, wallNow: now }, now, limits: LIMITS, trouble: () => trouble }, "0123456789abcdef");
  return async (path: string) => {
    const answer = await app.inject(path);
    return { status: answer.statusCode, body: answer.json() as object };
  };
}

/** A store in which the oldest delivery and the oldest task fell due then. */
const storeWith = (oldest: { delivery: number | null; task: number | null }) => {
  let looks = 0;
  const reads = {
    setting: async () => "serve",
    takesWrites: async () => true,
    backlog: async () => {
      looks++;
      return { oldestWorkingDueAt: oldest.delivery, oldestTaskDueAt: oldest.task };
    },
  };
  return { read: async (work: (reads: object) => unknown) => work(reads), looks: () => looks };
};

test("a server whose store answers lives and is ready", async () => {
  const ask = serverOver(storeWith({ delivery: null, task: null }).read);
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

test("a server whose store takes no writes is not ready, from the first time it is asked", async () => {
  const ask = serverOver(async (work) => work({ setting: async () => "serve", takesWrites: async () => false }));
  for (const path of ["/readyz", "/health"])
    expect(await ask(path)).toEqual({
      status: 503,
      body: { status: "unavailable", reason: "Nothing can be stored: the database takes no writes." },
    });
});

test("a server whose store answers and takes nothing is not ready", async () => {
  const ask = serverOver(async () => true, { trouble: "The database has stored nothing for this server for 9 s." });
  expect(await ask("/readyz")).toMatchObject({ status: 503, body: { reason: "The database has stored nothing for this server for 9 s." } });
});

test("simultaneous callers share one query to the store", async () => {
  let looks = 0;
  const looked = Promise.withResolvers<boolean>();
  const ask = serverOver(() => {
    looks++;
    return looked.promise;
  });
  const answers = [ask("/readyz"), ask("/readyz"), ask("/readyz")];
  await Promise.resolve();
  looked.resolve(true);
  for (const { status } of await Promise.all(answers)) expect(status).toBe(200);
  expect(looks).toBe(1);
});

test("a silent store is reported in time, and is queried once", async () => {
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

test("a ready server is not healthy once deliveries have been overdue for long, and says so for as long as they are", async () => {
  const oldest = { delivery: null as number | null, task: null as number | null };
  const store = storeWith(oldest);
  let time = 0;
  const ask = serverOver(store.read, { now: () => time });
  const health = async () => ((await ask("/health")).body as { reason?: string }).reason ?? "ok";
  expect(await health()).toBe("ok");
  oldest.delivery = 1_000;
  time = LIMITS.healthDueMs + 1_000;
  expect(await health()).toBe("ok");
  time += LIMITS.healthLookMs;
  expect(await ask("/health")).toEqual({
    status: 503,
    body: { status: "unavailable", reason: "Deliveries have been due for 310 s and are not sent." },
  });
  expect((await ask("/readyz")).status).toBe(200);
  expect((await ask("/livez")).status).toBe(200);
  Object.assign(oldest, { delivery: null, task: 2_000 });
  expect(await health()).toMatch(/^Deliveries/);
  expect(store.looks()).toBe(3);
  time += LIMITS.healthLookMs;
  expect(await health()).toBe("Scheduled work has been due for 319 s and is not done.");
  oldest.task = null;
  time += LIMITS.healthLookMs;
  expect(await health()).toBe("ok");
});

test("what waited when a server starts does not make it ill at once: it has time to do it", async () => {
  let time = 1_000_000;
  const ask = serverOver(storeWith({ delivery: 1_000, task: null }).read, { now: () => time });
  expect((await ask("/health")).status).toBe(200);
  time += LIMITS.healthDueMs;
  expect((await ask("/health")).status).toBe(200);
  time += LIMITS.healthLookMs;
  expect((await ask("/health")).status).toBe(503);
});
