import { type Clock, startTimer } from "./clock.ts";
import { decideClaim } from "./decide-claim.ts";
import { decideFailure } from "./decide-failure.ts";
import type { Attempt, Claim, Inbox, Settlement } from "./inbox/inbox.ts";
import { createLateSignal } from "./late-signal.ts";
import { endsObject } from "./lifecycle-rank.ts";
import type { Limits } from "./limits.ts";
import type { Registration, Turn } from "./registration.ts";
import type { Registrations } from "./registrations.ts";
import type { Handled, Report } from "./report.ts";
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

/** What the caller of a claim gives and learns. */
export interface Run {
  /** Ends the handler's time. */
  stop: Stop;
  /** The handler has returned and holds nothing that another one waits for: only noting that remains. */
  returned(): void;
}

/** Runs one claim and settles it. Never rejects: errors are reported, and the lease expires. */
export async function runClaim<Tx>(claim: Claim, parts: RunningParts<Tx>, run: Run): Promise<Handled["outcome"]> {
  const { inbox, clock, report } = parts;
  const beganAt = clock.now();
  const tell = (outcome: Handled["outcome"], more: Pick<Handled, "nextAt" | "error" | "says"> = {}): Handled["outcome"] => {
    const { id, type, account, livemode, endpoint } = claim.event;
    report({
      kind: "handled",
      outcome,
      event: { id, type, account, livemode, endpoint },
      handler: claim.handler,
      attempt: claim.attempt,
      durationMs: clock.now() - beganAt,
      ...more,
    });
    return outcome;
  };
  const lost = (): Handled["outcome"] =>
    tell("lost", { says: "another process had taken it over; the inbox's transaction of this try was rolled back." });

  const registration = parts.registrations.get(claim.handler);
  try {
    if (registration === undefined) throw new Error(`bug: work of the handler "${claim.handler}" was claimed, which is not registered`);
    const decision = decideClaim(claim, registration);
    if (!decision.run) {
      const { state, says } = decision;
      const settlement: Settlement = { at: clock.now(), next: { state }, error: says ?? null, counts: true, mark: null };
      return (await inbox.settle(claim, settlement)) ? tell(state, says === undefined ? {} : { says }) : lost();
    }
    const tried = await tryClaim(claim, registration, decision.tied, parts, run);
    if (tried === "lost") return lost();
    if (tried.ok) return tell("done");
    if (tried.error instanceof Stopped) {
      const now = clock.now();
      const settlement: Settlement = { at: now, next: { state: "pending", dueAt: now }, error: null, counts: false, mark: null };
      return (await inbox.settle(claim, settlement)) ? tell("deferred", { nextAt: now, error: tried.error }) : lost();
    }
    const { outcome, settlement, says } = decideFailure({
      error: tried.error,
      attempt: claim.attempt,
      attempts: registration.attempts,
      receivedAt: claim.event.receivedAt,
      now: clock.now(),
      random: clock.random(),
      limits: parts.limits,
    });
    if (!(await inbox.settle(claim, settlement))) return lost();
    return tell(outcome, {
      error: tried.error,
      ...(settlement.next.state === "pending" ? { nextAt: settlement.next.dueAt } : {}),
      ...(says === undefined ? {} : { says }),
    });
  } catch (error) {
    return tell("retry", {
      error,
      says: `the ${inbox.kind} inbox failed (${error instanceof Error ? error.message : String(error)}); the work is retried when its lease ends.`,
    });
  }
}

/** How a handler's call ended. */
type Ended = { ok: true } | { ok: false; error: unknown };
type Tried = "lost" | Ended;

const RETURNED: Ended = { ok: true };

/** Tries a claim. Tries again with the transaction already begun if another handler had the only possible one. */
async function tryClaim<Tx>(
  claim: Claim,
  registration: Registration<Tx>,
  tied: boolean,
  parts: RunningParts<Tx>,
  run: Run,
): Promise<Tried> {
  const { inbox, clock, limits } = parts;
  /** It may have waited for its turn: the lease must last for the whole try. It holds no transaction yet. */
  function isHeldFor(ms: number): true | Promise<boolean> {
    const until = clock.now() + ms;
    return claim.leaseUntil >= until || inbox.renew(claim, until + limits.leaseMarginMs);
  }

  const held = isHeldFor(registration.timeoutMs);
  if (held !== true && !(await held)) return "lost";
  const first = await inbox.begin(claim);
  if (first === null) return "lost";
  const tried = await tryHandler(claim, registration, first, tied, parts, run);
  if (!first.contended) return tried;
  // Long enough for the wait for the transaction and for the try itself.
  if (!(await isHeldFor(2 * registration.timeoutMs))) return "lost";
  const second = await inbox.begin(claim, true);
  return second === null ? "lost" : tryHandler(claim, registration, second, tied, parts, run);
}

/** Calls the handler, with a time limit, and commits. After a failure it rolls the transaction back. */
async function tryHandler<Tx>(
  claim: Claim,
  registration: Registration<Tx>,
  attempt: Attempt<Tx>,
  tied: boolean,
  { clock, admit }: RunningParts<Tx>,
  { stop, returned }: Run,
): Promise<Tried> {
  const over = createLateSignal();
  const call = (body: unknown): unknown => {
    const turn: Turn<Tx> = { body, event: claim.event, number: claim.attempt, attempt, signal: over.signal, tied };
    return registration.run(turn);
  };
  const tried = await new Promise<Ended | null>((resolve) => {
    const cancel = startTimer(clock, registration.timeoutMs, () => resolve(null));
    const end = (ended: Ended | null): void => {
      cancel();
      resolve(ended);
    };
    stop.listen(() => end(null));
    try {
      const admitted = admit(claim, tied);
      const result = admitted instanceof Promise ? admitted.then(call) : call(admitted);
      Promise.resolve(result).then(
        () => end(RETURNED),
        (error: unknown) => end({ ok: false, error }),
      );
    } catch (error) {
      end({ ok: false, error });
    }
  });
  stop.listen(null);
  if (tried === null) {
    const error = stop.stopped
      ? new Stopped("The receiver was stopped before the handler returned.")
      : new Error(`The handler took longer than its ${registration.timeoutMs} ms.`);
    over.abort(error);
    await attempt.abandon();
    return { ok: false, error };
  }
  if (attempt.untouched) returned();
  if (!tried.ok || attempt.contended) {
    await attempt.rollback();
    return tried;
  }
  const mark = claim.order === "latest" ? { created: claim.event.created, ended: endsObject(claim.event.type) } : null;
  try {
    const settlement: Settlement = { at: clock.now(), next: { state: "done" }, error: null, counts: true, mark };
    return (await attempt.commit(settlement)) ? RETURNED : "lost";
  } catch (error) {
    // One of the handler's statements had failed, or the database is away: nothing was kept.
    return { ok: false, error };
  }
}
