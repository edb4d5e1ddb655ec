import type { Clock } from "../../src/clock/clock.ts";
import type { Agenda } from "./agenda.ts";

/**
 * One life of a node, from its start to its death. Whatever comes to it from outside - a timer, an answer - waits while
 * it is paused (SIGSTOP), and is lost once it is dead (SIGKILL).
 */
export interface Life {
  /** The number of its node, from 0. */
  readonly node: number;
  /** For messages. */
  readonly name: string;
  /** Its machine's own clock, and the counter that nobody sets. */
  readonly machine: Clock & { monotonic(): number };
  readonly state: "running" | "paused" | "dead";
  /** Comes in from outside: runs now, when the node continues, or never. */
  reach(act: () => void): void;
  /** The same in `ms` from now. Returns what takes it off again. */
  later(ms: number, act: () => void): () => void;
  pause(): void;
  goOn(): void;
  die(): void;
  /** Is over, with nothing left undone: no reason for anything to be sent again. */
  end(): void;
  /** Notes that a fault keeps it from its work between these times: what may explain that something is sent again. */
  trouble(from: number, to: number): void;
  /** Whether a fault kept it from its work at any time in between. */
  wasTroubled(from: number, to: number): boolean;
}

export interface LifeOptions {
  node: number;
  name: string;
  agenda: Agenda;
  /** How much faster its counter goes than true time. */
  drift: number;
  /** The machine's own time less true time, milliseconds. */
  wallErrorMs(): number;
}

export function createLife({ node, name, agenda, drift, wallErrorMs }: LifeOptions): Life {
  const startedAt = agenda.now();
  const wall = (): number => agenda.now() + wallErrorMs();
  let state: Life["state"] = "running";
  let waiting: (() => void)[] = [];
  let pausedAt = 0;
  const troubles: { from: number; to: number }[] = [];

  function reach(act: () => void): void {
    if (state === "running") act();
    else if (state === "paused") waiting.push(act);
  }

  function later(ms: number, act: () => void): () => void {
    let off = false;
    const takeOff = agenda.after(ms, () =>
      reach(() => {
        if (!off) act();
      }),
    );
    return () => {
      off = true;
      takeOff();
    };
  }

  function sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (!(ms > 0) || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const takeOff = later(ms, () => {
        signal.removeEventListener("abort", wake);
        resolve();
      });
      const wake = () => {
        takeOff();
        resolve();
      };
      signal.addEventListener("abort", wake, { once: true });
    });
  }

  return {
    node,
    name,
    machine: { now: wall, wallNow: wall, monotonic: () => (agenda.now() - startedAt) * (1 + drift), sleep, pause: sleep },
    get state() {
      return state;
    },
    reach,
    later,
    pause() {
      if (state !== "running") return;
      state = "paused";
      pausedAt = agenda.now();
    },
    goOn() {
      if (state !== "paused") return;
      state = "running";
      troubles.push({ from: pausedAt, to: agenda.now() });
      const late = waiting;
      waiting = [];
      // Each in its turn: one may kill or pause the node again.
      for (const act of late) reach(act);
    },
    die() {
      if (state === "paused") troubles.push({ from: pausedAt, to: agenda.now() });
      state = "dead";
      waiting = [];
      troubles.push({ from: agenda.now(), to: Number.POSITIVE_INFINITY });
    },
    end() {
      state = "dead";
      waiting = [];
    },
    trouble(from, to) {
      troubles.push({ from, to });
    },
    wasTroubled(from, to) {
      if (state === "paused" && pausedAt <= to) return true;
      return troubles.some((one) => one.from <= to && one.to >= from);
    },
  };
}
