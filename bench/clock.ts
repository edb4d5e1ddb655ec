import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_LIMITS } from "../packages/server/src/limits.ts";
import { createHttpTransport } from "../packages/server/src/transport/http-transport.ts";
import { startChild } from "./child.ts";
import { median, medianRatio, type Report, rate } from "./report.ts";
import { turnedEngine } from "./turned-engine.ts";

const EVENTS = 3_000;
/** Nine retries of each event within three days. */
const RETRIES = 9 * EVENTS;
const ENDPOINTS = 10;
const ROUNDS = 3;
const THREE_DAYS_MS = 72.5 * 3_600_000;

/**
 * Attempts a second while a clock is turned over three days in which every attempt fails, each at its own time.
 * Compared with the same engine when it runs and as many are due at once. On files with `synchronous=FULL`, and over
 * HTTP.
 */
export async function clock(): Promise<Report> {
  const directory = mkdtempSync(join(tmpdir(), "carabiner-bench-"));
  const failing = await startChild<{ port: number }>("./sink.ts", ["failing"]);
  const answering = await startChild<{ port: number }>("./sink.ts", ["raw"]);
  const turned: number[] = [];
  const atOnce: number[] = [];
  try {
    for (let round = 0; round < ROUNDS; round++) {
      atOnce.push(rate(RETRIES, await timed(join(directory, `${round}-at-once.db`), answering, false)));
      turned.push(rate(RETRIES, await timed(join(directory, `${round}-turned.db`), failing, true)));
    }
  } finally {
    await failing.child.stop();
    await answering.child.stop();
    rmSync(directory, { recursive: true });
  }
  return {
    name: "attempts while turned",
    ours: median(turned),
    bare: median(atOnce),
    ratio: medianRatio(turned, atOnce),
    reach: { atLeast: 0.5 },
    unit: "attempts/s",
    settings: `${RETRIES} retries of ${EVENTS} events to ${ENDPOINTS} endpoints within three turned days, beside ${RETRIES} first attempts due at once that are answered 200; one file, fsync on, raw sinks`,
  };
}

type Sink = Awaited<ReturnType<typeof startChild<{ port: number }>>>;

/** How long the attempts take, in milliseconds: the retries of a turned clock, or first attempts. */
async function timed(location: string, { child: sink, hello }: Sink, retries: boolean): Promise<number> {
  const transport = createHttpTransport({ limits: DEFAULT_LIMITS, allowLocal: true });
  const urlOf = (endpoint: number) => `http://127.0.0.1:${hello.port}/${endpoint}`;
  const server = await turnedEngine({ location, transport, deliveries: retries ? EVENTS : RETRIES, endpoints: ENDPOINTS, urlOf });
  try {
    if (retries) await server.control.idle();
    const { count: before } = await sink.ask<{ count: number }>({ count: true });
    const began = performance.now();
    if (retries) await server.control.advance((now) => now + THREE_DAYS_MS);
    else {
      server.engine.start();
      await sink.ask({ wait: before + RETRIES });
      await server.engine.idle();
    }
    const tookMs = performance.now() - began;
    const { count } = await sink.ask<{ count: number }>({ count: true });
    if (count - before !== RETRIES) throw new Error(`${count - before} attempts were made in place of ${RETRIES}`);
    return tookMs;
  } finally {
    await server.close();
    await transport.close();
  }
}
