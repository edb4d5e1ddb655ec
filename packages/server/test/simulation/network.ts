import type { Posted, Transport } from "../../src/transport/transport.ts";
import type { Agenda } from "./agenda.ts";
import type { Checker } from "./checker.ts";
import type { Figures } from "./figures.ts";
import type { Life } from "./life.ts";
import type { FaultRates, Outage } from "./scenario.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** The network, and the receivers at the other end of it. */
export interface Network {
  /** A node's way onto it. */
  connect(life: Life): Transport;
  /** Puts a receiver out of order, and in order again. */
  breakDown(endpointId: string, how: Outage): void;
  repair(endpointId: string): void;
}

export interface NetworkOptions {
  agenda: Agenda;
  random: SeededRandom;
  rates(): FaultRates;
  checker: Checker;
  figures: Figures;
  /** A fault strikes at a POST. */
  strike(life: Life, what: "crash" | "pause"): void;
}

export function createNetwork({ agenda, random, rates, checker, figures, strike }: NetworkOptions): Network {
  const outages = new Map<string, Outage>();

  /**
   * What a receiver does with a request that has arrived: what it answers and after how long, and whether it keeps the
   * event.
   */
  function receive(endpointId: string): { answer: Posted["kind"] | "none"; status: number; afterMs: number; keeps: boolean } {
    const outage = outages.get(endpointId);
    const now = rates();
    const afterMs = random.chance(now.receiverSlow) ? random.below(40_000) : 1 + random.below(300);
    if (outage === "hangs") return { answer: "none", status: 0, afterMs: Number.POSITIVE_INFINITY, keeps: false };
    if (outage === "refuses") return { answer: "fault", status: 0, afterMs: 1, keeps: false };
    if (outage === "fails" || random.chance(now.receiverFails))
      return { answer: "answer", status: random.pick([301, 400, 410, 429, 500, 503]), afterMs, keeps: false };
    if (random.chance(now.connectionBreaks)) {
      const keeps = random.chance(0.5);
      if (keeps) figures.answersLost++;
      return { answer: "fault", status: 0, afterMs, keeps };
    }
    return { answer: "answer", status: 200, afterMs, keeps: true };
  }

  /** A receiver that has too much to do says when it will have less. */
  const headersOf = (status: number): Record<string, string> =>
    status === 429 || status === 503 ? { "retry-after": String(random.below(200)) } : {};

  return {
    connect: (life) => ({
      post: (request) =>
        new Promise((resolve) => {
          const began = agenda.now();
          const posted = checker.posted(life, request);
          let ended = false;
          const end = (what: () => Posted): void => {
            if (ended) return;
            ended = true;
            resolve(what());
          };
          const took = () => agenda.now() - began;
          life.later(request.deadlineMs, () =>
            end(() => ({ kind: "fault", code: "timeout", reason: "No answer in time.", durationMs: took() })),
          );
          // Connecting needs the node: a paused node sends when it continues, unless its deadline has passed by then.
          const connectMs = random.chance(rates().receiverSlow) ? random.below(5_000) : 1 + random.below(20);
          if (random.chance(rates().pause)) strike(life, "pause");
          else if (random.chance(rates().crash)) strike(life, "crash");
          life.later(connectMs, () => {
            if (ended) return;
            agenda.after(1 + random.below(50), () => {
              const { answer, status, afterMs, keeps } = receive(posted.endpointId);
              checker.arrived(posted, keeps);
              if (answer === "none") return;
              agenda.after(afterMs, () =>
                life.reach(() =>
                  end(() =>
                    answer === "fault"
                      ? { kind: "fault", code: "connection_reset", reason: "The connection broke.", durationMs: took() }
                      : { kind: "answer", status, headers: headersOf(status), body: "", truncated: false, durationMs: took() },
                  ),
                ),
              );
            });
          });
        }),
      close: async () => undefined,
    }),
    breakDown(endpointId, how) {
      outages.set(endpointId, how);
    },
    repair(endpointId) {
      outages.delete(endpointId);
    },
  };
}
