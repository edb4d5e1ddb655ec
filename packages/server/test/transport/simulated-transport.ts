import type { Clock } from "../../src/clock/clock.ts";
import type { OutgoingRequest, Posted, Transport } from "../../src/transport/transport.ts";

export interface SimulatedTransportOptions {
  /** The time that answers take. */
  clock: Clock;
  /** A seeded source of numbers from 0 up to 1: the same seed gives the same run. */
  random: () => number;
  /**
   * What happens to a request. Its `durationMs` is how long that takes, on the clock; Infinity for a receiver that
   * never answers.
   */
  respond(request: OutgoingRequest, random: () => number): Simulated;
}

/**
 * What happens to a request. An answer's body may take longer than its head, which comes after `durationMs`.
 * Milliseconds; Infinity for one that never ends.
 */
export type Simulated = Posted & { bodyMs?: number };

/**
 * A network that is made up: for simulations, with thousands of requests under way and days that pass in milliseconds.
 */
export function createSimulatedTransport({ clock, random, respond }: SimulatedTransportOptions): Transport {
  const closed = new AbortController();
  return {
    async post(request) {
      const { bodyMs = 0, ...posted } = respond(request, random);
      const durationMs = Math.min(posted.durationMs, request.deadlineMs);
      await clock.sleep(durationMs, closed.signal);
      if (closed.signal.aborted) return { kind: "fault", code: "interrupted", reason: "The simulated network was closed.", durationMs };
      if (posted.durationMs <= request.deadlineMs)
        return posted.kind === "answer" && bodyMs > 0 ? withBody(posted, bodyMs, request) : posted;
      return { kind: "fault", code: "timeout", reason: "The simulated endpoint did not answer in time.", durationMs };
    },
    async close() {
      closed.abort();
    },
  };

  /** What has not come of a body when its time is over is left. */
  async function withBody(answer: Posted & { kind: "answer" }, bodyMs: number, request: OutgoingRequest): Promise<Posted> {
    const { kind, status, headers, durationMs } = answer;
    const left = request.deadlineMs - durationMs;
    const givenMs = Math.min(left, request.onHead?.({ kind, status, headers, durationMs }) ?? left);
    await clock.sleep(Math.min(bodyMs, givenMs), closed.signal);
    return { ...answer, truncated: answer.truncated || bodyMs > givenMs, durationMs: durationMs + Math.min(bodyMs, givenMs) };
  }
}
