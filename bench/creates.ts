import { startPostgres } from "../scripts/postgres-for-tests.ts";
import { startChild } from "./child.ts";
import { median, medianRatio, type Report, rate } from "./report.ts";

const CREATES = 6_000;
const ROUNDS = 5;
const AT_ONCE = 32;

/**
 * Customers created a second over HTTP, each durable when answered, compared with a bare Fastify route that parses the
 * same form and answers. On each store.
 */
export async function creates(): Promise<Report[]> {
  const postgres = await startPostgres();
  try {
    return [await createsOn(null), await createsOn(postgres.url)];
  } finally {
    await postgres.stop();
  }
}

/** `database`: the URL of the PostgreSQL database to keep everything in. Without it, an SQLite file is used. */
async function createsOn(database: string | null): Promise<Report> {
  const at = database === null ? [] : ["{}", database];
  const { child: server, hello: ours } = await startChild<{ url: string; key: string }>("./server-process.ts", at);
  const { child: fastify, hello: bare } = await startChild<{ url: string }>("./bare-route.ts");
  const { child: client } = await startChild("./form-client.ts", [String(AT_ONCE)]);
  try {
    const bareRates: number[] = [];
    const ourRates: number[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const loop = await client.ask<{ ms: number }>({ url: bare.url, key: "none", posts: CREATES });
      const path = await client.ask<{ ms: number }>({ url: ours.url, key: ours.key, posts: CREATES });
      if (round === 0) continue;
      bareRates.push(rate(CREATES, loop.ms));
      ourRates.push(rate(CREATES, path.ms));
    }
    return {
      name: database === null ? "API creates" : "API creates, PostgreSQL",
      ours: median(ourRates),
      bare: median(bareRates),
      ratio: medianRatio(ourRates, bareRates),
      reach: { atLeast: database === null ? 0.5 : 0.25 },
      unit: "requests/s",
      settings: `${CREATES} customers, ${AT_ONCE} requests at once, ${database === null ? "one SQLite file, synchronous=FULL" : "PostgreSQL on the same processors, fsync on"}, ${ROUNDS} rounds`,
    };
  } finally {
    await Promise.all([client.stop(), fastify.stop(), server.stop()]);
  }
}
