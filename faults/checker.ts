/** A webhook that arrived, as the recorder stored it. */
export interface Arrival {
  /** The event's id. */
  event: string;
  /** Unix milliseconds. */
  at: number;
  /** SHA-256 of the body. */
  body: string;
  /** Whether its signature was valid and recent. */
  signed: boolean;
}

/** A delivery in its final state in the store. */
export interface Outcome {
  event: string;
  created: number;
  state: "pending" | "succeeded" | "exhausted" | "cancelled" | "quarantined";
  attempts: readonly { number: number; at: number; outcome: string }[];
}

/** All that is known of a run. */
export interface History {
  /** Events whose publisher was answered 2xx. */
  acknowledged: ReadonlySet<string>;
  arrivals: readonly Arrival[];
  /** The deliveries of every event in the store. */
  outcomes: readonly Outcome[];
  /** Whether the run did something that may make a webhook arrive twice. */
  faulty: boolean;
  /** The shortest time between the starts of an attempt and the next one, by the number of the former, milliseconds. */
  leastDelayMs(attempt: number): number;
}

export interface Verdict {
  /** The violations, in words; empty when everything held. */
  breaches: string[];
  figures: {
    acknowledged: number;
    arrived: number;
    lost: number;
    duplicates: number;
    duplicatesPerThousand: number;
    earlyAttempts: number;
  };
}

/**
 * Judges a run by what must always hold: nothing lost, nothing invented, nothing changed, nothing early, everything
 * ended once. Pure.
 */
export function judge({ acknowledged, arrivals, outcomes, faulty, leastDelayMs }: History): Verdict {
  const breaches: string[] = [];
  const byEvent = Map.groupBy(arrivals, ({ event }) => event);
  const stored = new Map(outcomes.map((outcome) => [outcome.event, outcome]));
  let lost = 0;
  let early = 0;

  if (acknowledged.size === 0) breaches.push("nothing was acknowledged, so the run shows nothing");

  for (const event of acknowledged) {
    const outcome = stored.get(event);
    if (outcome === undefined || (outcome.state === "succeeded" && !byEvent.has(event))) {
      lost++;
      breaches.push(`${event} was acknowledged and is lost`);
    }
  }
  for (const [event, arrived] of byEvent) {
    if (!stored.has(event)) breaches.push(`${event} arrived and is in no store`);
    if (new Set(arrived.map(({ body }) => body)).size > 1) breaches.push(`${event} arrived with different bodies`);
    if (arrived.some(({ signed }) => !signed)) breaches.push(`${event} arrived with a signature that is not good`);
  }
  for (const { event, state, attempts, created } of outcomes) {
    if (state === "pending") breaches.push(`${event} has not ended`);
    if (attempts.some(({ number }, index) => number !== index + 1)) breaches.push(`the attempts of ${event} are not numbered 1, 2, 3 …`);
    const successes = attempts.filter(({ outcome }) => outcome === "succeeded").length;
    if (successes > 1 || (successes === 1 && attempts.at(-1)?.outcome !== "succeeded")) breaches.push(`${event} went on after its success`);
    if ((successes === 1) !== (state === "succeeded")) breaches.push(`${event} is ${state} after ${successes} successes`);
    attempts.forEach(({ at }, index) => {
      const before = attempts[index - 1];
      const earliest = before === undefined ? created : before.at + leastDelayMs(before.number);
      if (at >= earliest) return;
      early++;
      breaches.push(`attempt ${index + 1} of ${event} came ${earliest - at} ms early`);
    });
  }
  const duplicates = outcomes.reduce(
    (sum, { event, attempts }) => sum + Math.max(0, (byEvent.get(event)?.length ?? 0) - attempts.length),
    0,
  );
  if (duplicates > 0 && !faulty) breaches.push(`${duplicates} webhooks arrived twice without a fault`);
  const figures = {
    acknowledged: acknowledged.size,
    arrived: arrivals.length,
    lost,
    duplicates,
    duplicatesPerThousand: Math.round((duplicates * 10_000) / Math.max(1, arrivals.length)) / 10,
    earlyAttempts: early,
  };
  return { breaches, figures };
}
