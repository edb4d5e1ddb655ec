import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Agent, fetch } from "undici";
import { bundleCommand } from "../scripts/bundle-command.ts";
import { type Child, startChild } from "./child.ts";
import { machine, quantile } from "./report.ts";
import { residentMegabytes } from "./resident-megabytes.ts";
import { type Sample, trendOf } from "./soak-verdict.ts";
import { threadTimes } from "./thread-times.ts";

/**
 * `npm run soak`: a `dev` server of the published form on a file, for `--minutes`, at 60 % of the rate that it reaches
 * at first, with faults. Prints a line a minute, and at the end the trends of memory, handles and latency, and whether
 * every acknowledged event arrived. Exits with 1 when a figure rises or an event is lost.
 */
const { values } = parseArgs({ options: { minutes: { type: "string", default: "120" } } });
const MINUTES = Number(values.minutes);
if (!Number.isInteger(MINUTES) || MINUTES < 1) {
  console.error(`--minutes takes a whole number, not ${values.minutes}.`);
  process.exit(2);
}
const SHARE_OF_PEAK = 0.6;
const PEAK_MS = 20_000;
const BATCH = 50;
const REQUESTS = 4;
const MINUTE_MS = 60_000;
const ARRIVAL_MS = 120_000;
/**
 * Data older than half of the run is deleted, so that the file stops growing after a while: two hours would otherwise
 * take 55 GB. The clock is turned by two minutes in every minute, so the deletion begins after a sixth of the run.
 */
const KEPT = `${Math.max(10, Math.ceil(MINUTES / 2))}m`;
const KEPT_LIMITS = [
  ...["eventsKeptMs", "eventsKeptLongestMs", "requestsKeptMs"].map((limit) => `${limit}=${KEPT}`),
  "sweepEveryMs=1m",
].flatMap((limit) => ["--limit", limit]);
/** A turn of the clock waits for each retry, so none of them is slow. */
const BAD = ["/failing", "/reset"];
/** One event for each bad receiver, for this many good ones. */
const BAD_EVERY = 500;

interface Ready {
  url: string;
  keys: { test: { secret: string } };
}

const directory = mkdtempSync(join(tmpdir(), "carabiner-soak-"));
const command = join(directory, "command");
await bundleCommand(join(import.meta.dirname, ".."), "cli", command);
const { child: receiver, hello } = await startChild<{ port: number }>("./soak-receiver.ts");
let server = await startServer(0);
const agent = new Agent({ connections: REQUESTS });
let acknowledged = 0;
let number = 0;
let run = 0;

console.log(`${machine()}, ${MINUTES} minutes\n`);
try {
  for (const path of ["/good", ...BAD]) await call("/v1/webhook_endpoints", { url: address(path), "enabled_events[]": typeOf(path) });
  const beganPeak = performance.now();
  const sent = await publishFor(PEAK_MS, Number.POSITIVE_INFINITY);
  while ((await receiver.ask<Arrived>({ report: true })).distinct < acknowledged) await pause(100);
  // The rate of deliveries, not of accepted events.
  const peak = (sent * 1_000) / (performance.now() - beganPeak);
  const rate = SHARE_OF_PEAK * peak;
  console.log(`peak ${peak.toFixed(0)} events/s, from now on ${rate.toFixed(0)}\n`);
  console.log("minute  events/s  memory MB  handles  file MB  main %  waits %  p50 ms   p99 ms  fault");
  const samples: Record<"memory" | "handles" | "latency", Sample[]> = { memory: [], handles: [], latency: [] };
  for (let minute = 1; minute <= MINUTES; minute++) {
    const began = performance.now();
    const runBefore = run;
    const fault = await causeFault(minute);
    // The same as at the beginning: the memory that a run uses at its peak is not a later gain.
    const atPeak = run === runBefore ? 0 : await publishFor(PEAK_MS, Number.POSITIVE_INFINITY);
    const [before, beganFull] = [mainThread(), performance.now()];
    const published = atPeak + (await publishFor(MINUTE_MS, rate));
    const [after, fullMs] = [mainThread(), performance.now() - beganFull];
    const { tookMs } = await receiver.ask<Arrived>({ report: true });
    const figures = {
      memory: residentMegabytes(server.process.pid as number),
      handles: readdirSync(`/proc/${server.process.pid}/fd`).length,
      latency: quantile(tookMs, 0.5),
    };
    for (const [name, value] of Object.entries(figures)) samples[name as keyof typeof samples].push({ minute, run, value });
    const eventsPerSecond = published / ((performance.now() - began) / 1_000);
    const megabytes = statSync(join(directory, "data", "carabiner.db")).size / 1e6;
    const { memory, handles, latency } = figures;
    const cells = [minute, eventsPerSecond.toFixed(0), memory.toFixed(0), handles, megabytes.toFixed(0)];
    cells.push(percentage(after.ranMs - before.ranMs, fullMs), percentage(after.waitedMs - before.waitedMs, fullMs));
    cells.push(latency.toFixed(1), quantile(tookMs, 0.99).toFixed(1));
    console.log(`${cells.map((cell, index) => `${cell}`.padStart([6, 9, 10, 8, 8, 7, 8, 7, 8][index] ?? 0)).join(" ")}  ${fault}`);
  }
  const lost = await arrive(receiver);
  console.log(lost === 0 ? "\nEvery acknowledged event arrived." : `\n${lost} acknowledged events did not arrive.`);
  let rises = false;
  for (const [name, of] of Object.entries(samples)) {
    const trend = trendOf(of);
    if (trend === null) console.log(`${name}: too few minutes to tell a trend`);
    else {
      rises ||= trend.rises;
      const { perHour, share, deviations } = trend;
      const how = `${perHour.toFixed(2)} an hour, ${(100 * share).toFixed(1)} %, ${deviations.toFixed(1)} standard deviations`;
      console.log(`${name}: ${how}${trend.rises ? ": it rises" : ""}`);
    }
  }
  if (rises || lost > 0) process.exitCode = 1;
} finally {
  await stopServer("SIGTERM");
  await receiver.stop();
  await agent.close();
  rmSync(directory, { recursive: true, force: true });
}

interface Arrived {
  distinct: number;
  tookMs: number[];
}

function address(path: string): string {
  return `http://127.0.0.1:${hello.port}${path}`;
}

/** Each receiver has its own type of events. */
function typeOf(path: string): string {
  if (path === "/good") return "payout.updated";
  return path === "/failing" ? "payout.created" : "payout.paid";
}

async function startServer(port: number): Promise<{ process: ChildProcess; ready: Ready }> {
  const args = ["dev", "--data", join(directory, "data"), "--port", `${port}`, "--json", "--log-level", "error", ...KEPT_LIMITS];
  const started = spawn(process.execPath, [join(command, "main.js"), ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(started.stdout as NodeJS.ReadableStream, "data");
  started.stdout?.resume();
  return { process: started, ready: JSON.parse(String(line)) as Ready };
}

/**
 * How long the server's main thread has run so far, and how long it has waited for a processor because of other work on
 * the machine. Milliseconds.
 */
function mainThread(): { ranMs: number; waitedMs: number } {
  const { pid } = server.process;
  const { microseconds = 0, waitedMicroseconds = 0 } = threadTimes(pid as number).get(pid as number) ?? {};
  return { ranMs: microseconds / 1_000, waitedMs: waitedMicroseconds / 1_000 };
}

/** Formats a share as a whole percentage. */
function percentage(ms: number, ofMs: number): string {
  return ((100 * ms) / ofMs).toFixed(0);
}

async function stopServer(signal: NodeJS.Signals): Promise<void> {
  if (server.process.exitCode !== null || server.process.signalCode !== null) return;
  const exit = once(server.process, "exit");
  server.process.kill(signal);
  await exit;
}

async function call(path: string, params: Record<string, string>): Promise<void> {
  const { ready } = server;
  const headers = { authorization: `Bearer ${ready.keys.test.secret}`, "content-type": "application/x-www-form-urlencoded" };
  const answer = await fetch(ready.url + path, {
    method: "POST",
    headers,
    body: new URLSearchParams(params).toString(),
    dispatcher: agent,
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path} was answered ${answer.status}: ${text}`);
}

/** The fault for a minute. Restarts happen after an eighth and a quarter of the time, so that the rest is one run. */
async function causeFault(minute: number): Promise<string> {
  const restarts: Record<number, NodeJS.Signals> =
    MINUTES < 10 ? {} : { [Math.floor(MINUTES / 8)]: "SIGTERM", [Math.floor(MINUTES / 4)]: "SIGKILL" };
  const signal = restarts[minute];
  if (signal !== undefined) {
    await stopServer(signal);
    server = await startServer(Number(new URL(server.ready.url).port));
    run++;
    return `restarted after ${signal}`;
  }
  if (minute % 5 === 2) return `${(await receiver.ask<{ cut: number }>({ cut: true })).cut} connections cut`;
  if (minute % 5 === 4) {
    await call("/v1/test_helpers/clock/advance", { seconds: "600" });
    return "clock turned by ten minutes";
  }
  return "bad receivers alone";
}

/** Publishes at a rate, or as fast as possible. Returns how many events were acknowledged. */
async function publishFor(ms: number, rate: number): Promise<number> {
  const began = performance.now();
  let published = 0;
  const one = async (): Promise<void> => {
    while (performance.now() - began < ms) {
      const dueMs = (published / rate) * 1_000;
      published += BATCH;
      const early = dueMs - (performance.now() - began);
      if (early > 0) await pause(early);
      if (performance.now() - began >= ms) published -= BATCH;
      else await publishBatch();
    }
  };
  await Promise.all(Array.from({ length: REQUESTS }, one));
  return published;
}

async function publishBatch(): Promise<void> {
  const at = Date.now();
  const first = number;
  number += BATCH;
  const events = Array.from({ length: BATCH }, (_, n) => ({
    type: "payout.updated",
    data: { object: { id: `soak_${first + n}_${at}`, object: "payout" } },
  }));
  if ((first / BATCH) % (BAD_EVERY / BATCH) === 0)
    for (const path of BAD) events.push({ type: typeOf(path), data: { object: { id: `po_${first}`, object: "payout" } } });
  const { ready } = server;
  const answer = await fetch(`${ready.url}/v1/events`, {
    method: "POST",
    headers: { authorization: `Bearer ${ready.keys.test.secret}`, "content-type": "application/json" },
    body: JSON.stringify({ events }),
    dispatcher: agent,
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`publishing was answered ${answer.status}: ${text}`);
  acknowledged += BATCH;
}

/**
 * Waits until every acknowledged event has arrived, with the clock turned to their retries. Returns how many have not
 * arrived.
 */
async function arrive(from: Child): Promise<number> {
  const until = performance.now() + ARRIVAL_MS;
  for (;;) {
    const { distinct } = await from.ask<Arrived>({ report: true });
    if (distinct >= acknowledged) return 0;
    if (performance.now() > until) return acknowledged - distinct;
    await call("/v1/test_helpers/clock/advance", { seconds: "400" });
    await pause(500);
  }
}
