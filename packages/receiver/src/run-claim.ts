import { type Clock, startTimer } from "./clock.ts";
import { decideClaim } from "./decide-claim.ts";
import { decideFailure } from "./decide-failure.ts";
import type { Attempt, Claim, Inbox, Settlement } from "./inbox/inbox.ts";
import { LateSignal } from "./late-signal.ts";
import { endsObject } from "./lifecycle-rank.ts";
import type { Limits } from "./limits.ts";
import { messageOf, presentable } from "./presentable.ts";
import type { Registration, Turn } from "./registration.ts";
import type { Registrations } from "./registrations.ts";
import type { Handled, Report } from "./report.ts";
import { isPending, type Soon, whenReady } from "./soon.ts";
import type { Stop } from "./stop.ts";

export interface RunningParts<Tx> {
  inbox: Inbox<Tx>;
  registrations: Registrations<Tx>;
  clock: Clock;
  limits: Limits;
  report(report: Report): void;
  /**
   * Returns the body to handle: the event's, or a fresher one for a tie. Throws or rejects when the event must not be
   * handled (yet).
   */
  admit(claim: Claim, tied: boolean): unknown;
}

/** The receiver was stopped, and the handler's time ran out. */
class Stopped extends Error {
  override readonly name = "Stopped";
}

/** What the caller of a claim provides and is notified of. */
export interface Run {
  /** Ends the handler's time. */
  readonly stop: Stop;
  /** The handler has returned and holds nothing that another handler waits for. Only recording that remains. */
  returned(): void;
}

type Outcome = Handled["outcome"];

/** How a handler's call ended. */
type Ended = { ok: true } | { ok: false; error: unknown };
type Tried = "lost" | Ended;

const RETURNED: Ended = { ok: true };

/**
 * Runs one claim and settles it. Never throws or rejects: errors are reported, and the lease expires. If neither the
 * handler nor the inbox has anything to wait for, it has ended when the call returns.
 */
export function runClaim<Tx>(claim: Claim, parts: RunningParts<Tx>, run: Run): Soon<Outcome> {
  const running = new RunningClaim(claim, parts, run);
  try {
    const outcome = running.outcome();
    return isPending(outcome) ? outcome.then(undefined, (error: unknown) => running.inboxFailed(error)) : outcome;
  } catch (error) {
    return running.inboxFailed(error);
  }
}

class RunningClaim<Tx> {
  readonly claim: Claim;
  readonly parts: RunningParts<Tx>;
  readonly run: Run;
  readonly beganAt: number;

  constructor(claim: Claim, parts: RunningParts<Tx>, run: Run) {
    this.claim = claim;
    this.parts = parts;
    this.run = run;
    this.beganAt = parts.clock.now();
  }

  outcome(): Soon<Outcome> {
    const { claim, parts } = this;
    const registration = parts.registrations.get(claim.handler);
    if (registration === undefined) throw new Error(`bug: work of the handler "${claim.handler}" was claimed, which is not registered`);
    const decision = decideClaim(claim, registration);
    if (!decision.run) {
      const { state, says } = decision;
      const settlement: Settlement = { at: parts.clock.now(), next: { state }, error: says ?? null, counts: true, mark: null };
      return this.settle(settlement, state, says === undefined ? {} : { says });
    }
    const tried = this.tryClaim(registration, decision.tied);
    return isPending(tried) ? tried.then((one) => this.afterTry(one, registration)) : this.afterTry(tried, registration);
  }

  afterTry(tried: Tried, registration: Registration<Tx>): Soon<Outcome> {
    if (tried === "lost") return this.lost();
    if (tried.ok) return this.tell("done");
    const { claim, parts } = this;
    const now = parts.clock.now();
    if (tried.error instanceof Stopped) {
      const settlement: Settlement = { at: now, next: { state: "pending", dueAt: now }, error: null, counts: false, mark: null };
      return this.settle(settlement, "deferred", { nextAt: now, error: tried.error });
    }
    const { outcome, settlement, says } = decideFailure({
      error: tried.error,
      attempt: claim.attempt,
      attempts: registration.attempts,
      receivedAt: claim.event.receivedAt,
      now,
      random: parts.clock.random(),
      limits: parts.limits,
    });
    return this.settle(settlement, outcome, {
      error: tried.error,
      ...(settlement.next.state === "pending" ? { nextAt: settlement.next.dueAt } : {}),
      ...(says === undefined ? {} : { says }),
    });
  }

  settle(settlement: Settlement, outcome: Outcome, more: Pick<Handled, "nextAt" | "error" | "says">): Soon<Outcome> {
    return whenReady(this.parts.inbox.settle(this.claim, settlement), (held) => (held ? this.tell(outcome, more) : this.lost()));
  }

  tell(outcome: Outcome, more?: Pick<Handled, "nextAt" | "error" | "says">): Outcome {
    const { claim, parts } = this;
    const { id, type, account, livemode, endpoint } = claim.event;
    const handled: Handled = {
      kind: "handled",
      outcome,
      event: { id, type, account, livemode, endpoint },
      handler: claim.handler,
      attempt: claim.attempt,
      durationMs: parts.clock.now() - this.beganAt,
    };
    parts.report(more === undefined ? handled : { ...handled, ...more });
    return outcome;
  }

  lost(): Outcome {
    return this.tell("lost", { says: "another process had taken it over; the inbox's transaction of this try was rolled back." });
  }

  inboxFailed(error: unknown): Outcome {
    return this.tell("retry", {
      error,
      says: `the ${this.parts.inbox.kind} inbox failed (${messageOf(error)}); the work is retried when its lease ends.`,
    });
  }

  /** It may have waited for its turn, but the lease must last for the whole try. It does not hold a transaction yet. */
  isHeldFor(ms: number): Soon<boolean> {
    const { claim, parts } = this;
    const until = parts.clock.now() + ms;
    return claim.leaseUntil >= until || parts.inbox.renew(claim, until + parts.limits.leaseMarginMs);
  }

  tryClaim(registration: Registration<Tx>, tied: boolean): Soon<Tried> {
    const held = this.isHeldFor(registration.timeoutMs);
    if (held === true) return this.beginTry(registration, tied);
    return whenReady(held, (still) => (still ? this.beginTry(registration, tied) : "lost"));
  }

  beginTry(registration: Registration<Tx>, tied: boolean): Soon<Tried> {
    const begun = this.parts.inbox.begin(this.claim);
    return isPending(begun)
      ? begun.then((attempt) => this.tryFirst(attempt, registration, tied))
      : this.tryFirst(begun, registration, tied);
  }

  tryFirst(first: Attempt<Tx> | null, registration: Registration<Tx>, tied: boolean): Soon<Tried> {
    if (first === null) return "lost";
    const tried = new HandlerTry(this, registration, first, tied).tried();
    if (isPending(tried)) return tried.then((one) => (first.contended ? this.tryHolding(registration, tied) : one));
    return first.contended ? this.tryHolding(registration, tied) : tried;
  }

  /** Tries again with the transaction already begun, because another handler had the only possible transaction. */
  async tryHolding(registration: Registration<Tx>, tied: boolean): Promise<Tried> {
    // Long enough for the wait for the transaction and for the try itself.
    if (!(await this.isHeldFor(2 * registration.timeoutMs))) return "lost";
    const second = await this.parts.inbox.begin(this.claim, true);
    return second === null ? "lost" : new HandlerTry(this, registration, second, tied).tried();
  }
}

const NOW = Promise.resolve();

/** Calls the handler, with a time limit, and commits. After a failure it rolls the transaction back. */
class HandlerTry<Tx> implements Turn<Tx> {
  body: unknown;
  readonly event: Turn<Tx>["event"];
  readonly number: number;
  readonly attempt: Attempt<Tx>;
  readonly tied: boolean;
  readonly #of: RunningClaim<Tx>;
  readonly #registration: Registration<Tx>;
  readonly #late = new LateSignal();

  constructor(of: RunningClaim<Tx>, registration: Registration<Tx>, attempt: Attempt<Tx>, tied: boolean) {
    this.event = of.claim.event;
    this.number = of.claim.attempt;
    this.attempt = attempt;
    this.tied = tied;
    this.#of = of;
    this.#registration = registration;
  }

  signal(): AbortSignal {
    return this.#late.signal();
  }

  tried(): Soon<Tried> {
    const { claim, parts, run } = this.#of;
    // It was stopped before its turn.
    if (run.stop.stopped) return this.#timeIsOver();
    const calledAt = parts.clock.now();
    let waitsFor: Promise<unknown> | null = null;
    try {
      const admitted = parts.admit(claim, this.tied);
      const result = isPending(admitted) ? admitted.then((body) => this.#call(body)) : this.#call(admitted);
      if (isPending(result)) waitsFor = result;
    } catch (error) {
      return this.#conclude(failed(error));
    }
    return waitsFor === null ? this.#conclude(RETURNED) : this.#wait(waitsFor, calledAt);
  }

  #call(body: unknown): unknown {
    this.body = body;
    return this.#registration.run(this);
  }

  /** Waits for a handler, as long as its time lasts. */
  #wait(result: Promise<unknown>, calledAt: number): Promise<Tried> {
    const { parts, run } = this.#of;
    return new Promise((resolve, reject) => {
      let over = false;
      let cancel: (() => void) | null = null;
      const end = (ended: Ended | null): void => {
        if (over) return;
        over = true;
        cancel?.();
        try {
          resolve(ended === null ? this.#timeIsOver() : this.#conclude(ended));
        } catch (error) {
          reject(error);
        }
      };
      run.stop.listen(() => end(null));
      Promise.resolve(result).then(
        () => end(RETURNED),
        (error: unknown) => end(failed(error)),
      );
      // A handler that has nothing to wait for ends before this and needs no timer.
      void NOW.then(() => {
        if (over) return;
        const leftMs = calledAt + this.#registration.timeoutMs - parts.clock.now();
        cancel = startTimer(parts.clock, Math.max(0, leftMs), () => end(null));
      });
    });
  }

  #timeIsOver(): Soon<Tried> {
    const { stop } = this.#of.run;
    stop.listen(null);
    const error = stop.stopped
      ? new Stopped("The receiver was stopped before the handler returned.")
      : new Error(`The handler took longer than its ${this.#registration.timeoutMs} ms.`);
    this.#late.abort(error);
    return whenReady(this.attempt.abandon(), () => ({ ok: false, error }));
  }

  #conclude(ended: Ended): Soon<Tried> {
    const { claim, parts, run } = this.#of;
    const { attempt } = this;
    run.stop.listen(null);
    if (attempt.untouched) run.returned();
    if (!ended.ok || attempt.contended) return whenReady(attempt.rollback(), () => ended);
    const mark = claim.order === "latest" ? { created: claim.event.created, ended: endsObject(claim.event.type) } : null;
    const settlement: Settlement = { at: parts.clock.now(), next: { state: "done" }, error: null, counts: true, mark };
    // If it fails, one of the handler's statements had failed, or the database is unavailable. Nothing was kept.
    try {
      const kept = attempt.commit(settlement);
      return isPending(kept) ? kept.then(afterCommit, failed) : afterCommit(kept);
    } catch (error) {
      return failed(error);
    }
  }
}

function afterCommit(kept: boolean): Tried {
  return kept ? RETURNED : "lost";
}

function failed(error: unknown): Ended {
  return { ok: false, error: presentable(error) };
}
