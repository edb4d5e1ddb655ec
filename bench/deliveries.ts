import { startPostgres } from "../scripts/postgres-for-tests.ts";
import { startChild } from "./child.ts";
import { createEndpoint } from "./create-endpoint.ts";
import { median, medianRatio, type Report, rate } from "./report.ts";

const EVENTS = 20_000;
const ROUNDS = 5;
const IN_FLIGHT = 64;
const BATCH = 500;

/**
 * Deliveries a second through the whole path (publish over HTTP, durable commit, signed POST, 2xx, settled) beside a
 * bare loop that signs and posts the same body to the same sink. Rounds alternate; the ratio is the median of those round by round.
 */
export async function deliveries(): Promise<Report[]> {
  const postgres = await startPostgres();
  try {
    return [await deliveriesTo("raw", null), await deliveriesTo("http", null), await deliveriesTo("raw", postgres.url)];
  } finally {
    await postgres.stop();
  }
}

/** `database`: the URL of the PostgreSQL database to keep everything in; an SQLite file when there is none. */
async function deliveriesTo(kind: "raw" | "http", database: string | null): Promise<Report> {
  const { child: sink, hello } = await startChild<{ port: number }>("./sink.ts", [kind]);
  const { child: bare } = await startChild("./bare-loop.ts", [String(hello.port), String(IN_FLIGHT)]);
  const { child: server, hello: at } = await startChild<{ url: string; key: string }>("./server-process.ts", [
    JSON.stringify({ attemptsInFlightPerEndpoint: IN_FLIGHT }),
    ...(database === null ? [] : [database]),
  ]);
  const { child: publisher } = await startChild("./publisher.ts", [at.url, at.key, String(BATCH), database === null ? "2" : "4"]);
  await createEndpoint(at, `http://127.0.0.1:${hello.port}/hook`);
  try {
    const bareRates: number[] = [];
    const ourRates: number[] = [];
    let received = 0;
    let bytes = 0;
    // The first round warms up both.
    for (let round = 0; round <= ROUNDS; round++) {
      const loop = await bare.ask<{ ms: number; bytes: number }>({ posts: EVENTS });
      received += EVENTS;
      bytes = loop.bytes;
      const started = performance.now();
      received += EVENTS;
      const reached = sink.ask({ wait: received });
      await publisher.ask({ events: EVENTS });
      await reached;
      await server.ask("idle");
      const ms = performance.now() - started;
      if (round === 0) continue;
      bareRates.push(rate(EVENTS, loop.ms));
      ourRates.push(rate(EVENTS, ms));
    }
    const settings = `${EVENTS} events of ${bytes} bytes in requests of ${BATCH}, ${IN_FLIGHT} in flight, ${ROUNDS} rounds`;
    if (database !== null)
      return {
        name: "deliveries, PostgreSQL",
        ours: median(ourRates),
        bare: null,
        ratio: null,
        reach: { atLeast: 8_000 },
        unit: "deliveries/s",
        settings: `${settings}, raw sink, PostgreSQL on the same processors, fsync on; the bare loop made ${Math.round(median(bareRates))}/s`,
      };
    return {
      name: kind === "raw" ? "deliveries, raw sink" : "deliveries, node:http sink",
      ours: median(ourRates),
      bare: median(bareRates),
      ratio: medianRatio(ourRates, bareRates),
      reach: { atLeast: 0.6 },
      unit: "deliveries/s",
      settings: `${settings}, one SQLite file, synchronous=FULL`,
    };
  } finally {
    await Promise.all([publisher.stop(), bare.stop(), server.stop()]);
    await sink.stop();
  }
}
