import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { DEFAULT_LIMITS } from "../../src/limits.ts";
import { createHttpTransport } from "../../src/transport/http-transport.ts";
import type { FaultCode, OutgoingRequest, Posted, Transport } from "../../src/transport/transport.ts";
import { seededRandom } from "../simulation/seeded-random.ts";
import { type HostileAnswer, hostileAnswer, NAMED_ANSWERS } from "./hostile-answers.ts";
import { type HostileReceiver, startHostileReceiver } from "./hostile-receiver.ts";

export interface FuzzOptions {
  /** The same seed gives the same answers. */
  seed: number;
  /** Returns whether to continue after this many answers. */
  goOn(answers: number): boolean;
}

/** What a run has seen. */
export interface FuzzFigures {
  answers: number;
  /** How many ended in which way: `answer`, or a fault's code. */
  ended: Record<string, number>;
  /** Most connections that were open at once. */
  connections: number;
  /** How much the heap has grown from the first quarter to the end, in bytes, after garbage was collected. */
  grownBytes: number;
}

/** Requests under way at once. */
const LANES = 48;

/** How long a hostile answer may take. Those that never end are cut off then. */
const DEADLINE_MS = 60;

/** Far beyond what a good answer takes. */
const GOOD_DEADLINE_MS = 20_000;

/** How often the heap is measured. */
const MEASURE_EVERY = 1_000;

/** The faults that a receiver can cause by what it answers. */
const CAUSED: ReadonlySet<FaultCode> = new Set(["connection_reset", "headers_too_large", "invalid_response", "timeout"]);

/**
 * Posts to a receiver that answers with hostile bytes, and after each to a good one at the same origin. Throws when an
 * answer does anything but end its own attempt: an outcome that it cannot cause, a good request that gets no answer or
 * another's, a socket that is left.
 */
export async function fuzzTransport({ seed, goOn }: FuzzOptions): Promise<FuzzFigures> {
  const receiver = await startHostileReceiver();
  const resolve = async () => [{ address: "127.0.0.1", family: 4 }];
  const transport = createHttpTransport({ limits: DEFAULT_LIMITS, allowLocal: true, resolve });
  const figures: FuzzFigures = { answers: 0, ended: {}, connections: 0, grownBytes: 0 };
  const next = answersOf(seed);
  let heap: number | null = null;
  try {
    // Each has its own origin, so that it is known whose connection is used next.
    const lane = async (_: unknown, lane: number): Promise<void> => {
      const origin = `http://lane-${lane}.example:${receiver.port}`;
      while (goOn(figures.answers)) {
        const number = figures.answers++;
        const ended = await tryAnswer({ answer: next(), number, origin, transport, receiver });
        figures.ended[ended] = (figures.ended[ended] ?? 0) + 1;
        figures.connections = Math.max(figures.connections, receiver.open());
        if (figures.answers === MEASURE_EVERY) heap = heapBytes();
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    await transport.close();
    await receiver.allClosed();
    if (heap !== null) figures.grownBytes = heapBytes() - heap;
    return figures;
  } finally {
    await transport.close();
    await receiver.close();
  }
}

/** First the answers that have names, each ending in each way, then those that are made up. */
function answersOf(seed: number): () => HostileAnswer {
  const random = seededRandom(seed);
  const named = Object.values(NAMED_ANSWERS).flatMap((text) =>
    (["stay", "end", "reset"] as const).map(
      (end): HostileAnswer => ({ pieces: text === "" ? [] : [Buffer.from(text, "latin1")], finally: end }),
    ),
  );
  return () => named.pop() ?? hostileAnswer((bound) => random.below(bound));
}

interface Trial {
  answer: HostileAnswer;
  number: number;
  origin: string;
  transport: Transport;
  receiver: HostileReceiver;
}

async function tryAnswer({ answer, number, origin, transport, receiver }: Trial): Promise<string> {
  const told = `answer ${number}: ${JSON.stringify(Buffer.concat(answer.pieces).toString("latin1").slice(0, 2_000))}, then ${answer.finally}`;
  const { path, played, giveUp } = receiver.expect(answer);
  const posted = await transport.post(request(`${origin}${path}`, DEADLINE_MS));
  if (posted.kind === "fault" && (!CAUSED.has(posted.code) || posted.cause !== undefined))
    throw new Error(`${told}: ${posted.code}: ${posted.reason}`, { cause: posted.cause });
  if (posted.kind === "answer" && (posted.status < 200 || posted.status > 999)) throw new Error(`${told}: status ${posted.status}`);
  // On a busy machine the deadline can pass before the request has left.
  if (posted.kind === "fault" && posted.code === "timeout") giveUp();
  // What the receiver has sent by now is there to be heard. What it sends after the next request came would be its
  // answer.
  await played;
  const token = `token-${number}`;
  let good = await transport.post(request(`${origin}/good/${token}`, GOOD_DEADLINE_MS));
  // A receiver that closes a connection may do so just as it is used again: that request is lost, as HTTP has it.
  if (answer.finally !== "stay" && good.kind === "fault" && good.code === "connection_reset")
    good = await transport.post(request(`${origin}/good/${token}`, GOOD_DEADLINE_MS));
  if (good.kind !== "answer" || good.status !== 200 || good.body !== token || good.truncated)
    throw new Error(`${told}: the good request after it got ${JSON.stringify(good)}`);
  return outcome(posted);
}

function outcome(posted: Posted): string {
  return posted.kind === "answer" ? "answer" : posted.code;
}

function request(url: string, deadlineMs: number): OutgoingRequest {
  return { url, headers: { "content-type": "application/json" }, body: Buffer.from('{"id":"evt_1"}'), deadlineMs };
}

/** What the heap holds once garbage has been collected. */
function heapBytes(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().heapUsed;
}
