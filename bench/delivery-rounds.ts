import { startChild } from "./child.ts";
import { createEndpoint } from "./create-endpoint.ts";
import { rate } from "./report.ts";

const ROUNDS = 5;
const IN_FLIGHT = 64;

export interface DeliveryRounds {
  sink: "raw" | "http";
  /** The URL of the PostgreSQL database to keep everything in. Without it, an SQLite file is used. */
  database: string | null;
  /** The number of events in a round, and in a request. */
  events: number;
  batch: number;
  /** Simultaneous requests. */
  publishers: number;
}

/**
 * The results of the rounds, with one rate for each: deliveries a second through the whole path, and posts a second of
 * the bare loop.
 */
export interface DeliveryRates {
  ours: number[];
  bare: number[];
  /** A description of the measurement, for the report. */
  settings: string;
}

/**
 * Rounds of deliveries through the whole path (publish over HTTP, durable commit, signed POST, 2xx, settled), each
 * together with a bare loop that signs and posts the same body to the same sink.
 */
export async function deliveryRounds({ sink: kind, database, events, batch, publishers }: DeliveryRounds): Promise<DeliveryRates> {
  const { child: sink, hello } = await startChild<{ port: number }>("./sink.ts", [kind]);
  const { child: bareLoop } = await startChild("./bare-loop.ts", [String(hello.port), String(IN_FLIGHT)]);
  const { child: server, hello: at } = await startChild<{ url: string; key: string }>("./server-process.ts", [
    JSON.stringify({ attemptsInFlightPerEndpoint: IN_FLIGHT }),
    ...(database === null ? [] : [database]),
  ]);
  const { child: publisher } = await startChild("./publisher.ts", [at.url, at.key, String(batch), String(publishers)]);
  await createEndpoint(at, `http://127.0.0.1:${hello.port}/hook`);
  try {
    const bare: number[] = [];
    const ours: number[] = [];
    let received = 0;
    let bytes = 0;
    // The first round warms up both.
    for (let round = 0; round <= ROUNDS; round++) {
      const loop = await bareLoop.ask<{ ms: number; bytes: number }>({ posts: events });
      received += events;
      bytes = loop.bytes;
      const started = performance.now();
      received += events;
      const reached = sink.ask({ wait: received });
      await publisher.ask({ events });
      await reached;
      await server.ask("idle");
      const ms = performance.now() - started;
      if (round === 0) continue;
      bare.push(rate(events, loop.ms));
      ours.push(rate(events, ms));
    }
    const published = batch === 1 ? `one in a request, ${publishers} requests at once` : `in requests of ${batch}`;
    return { ours, bare, settings: `${events} events of ${bytes} bytes ${published}, ${IN_FLIGHT} in flight, ${ROUNDS} rounds` };
  } finally {
    await Promise.all([publisher.stop(), bareLoop.stop(), server.stop()]);
    await sink.stop();
  }
}
