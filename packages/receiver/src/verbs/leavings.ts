import { ACCOUNT_CLOSED } from "../connection-events.ts";
import type { Turn } from "../registration.ts";

/**
 * The events that report that an account has left: the whole event, its thin form, and the event of a closed account.
 */
type Form = "whole" | "thin" | "closed";

/** One departure of an account. */
interface Leaving {
  /** Unix milliseconds. */
  at: number;
  /** The ids of the events that reported it, and of the whole event that the thin one names. */
  told: Partial<Record<Form | "snapshot", string>>;
}

/**
 * Milliseconds: events of different forms that are this close report the same departure, unless their ids contradict
 * that.
 */
const CLOSE = 5_000;

/** How many departures of an account are remembered: events of one may arrive long after those of the next. */
const REMEMBERED = 20;

/**
 * Whether an event is the first to report that an account has left, or is being tried or replayed again. False if an
 * event of another form has reported it: then the handler has already been called. Reported departures are recorded in
 * the handler's transaction.
 */
export async function isFirstToTell<Tx>({ body, event, attempt }: Turn<Tx>): Promise<boolean> {
  const { source, livemode, account, id, created: at, type } = event;
  const key = `leavings:${JSON.stringify([source, livemode, account])}`;
  const kept = await attempt.note(key);
  const leavings = kept === null ? [] : (JSON.parse(kept) as Leaving[]);
  const form: Form = type === ACCOUNT_CLOSED ? "closed" : type.startsWith("v1.") ? "thin" : "whole";
  const { snapshot_event: named } = body as { snapshot_event?: unknown };
  const snapshot = form === "thin" && typeof named === "string" ? named : undefined;
  const told = { [form]: id, ...(snapshot === undefined ? {} : { snapshot }) };
  if (leavings.some((leaving) => leaving.told[form] === id)) return true;
  const whole = form === "whole" ? id : snapshot;
  const known = leavings.find((one) => isNamed(one, form, whole)) ?? leavings.find((one) => mayBe(one, { form, at, whole }));
  const after =
    known === undefined
      ? [...leavings, { at, told }]
      : leavings.map((one) => (one === known ? { ...one, told: { ...one.told, ...told } } : one));
  await attempt.setNote(key, JSON.stringify(after.slice(-REMEMBERED)));
  return known === undefined;
}

/** The id of the whole event about a departure, if earlier events contained it. */
function wholeOf({ told }: Leaving, form: Form): string | undefined {
  return form === "whole" ? told.snapshot : form === "thin" ? told.whole : undefined;
}

/**
 * Whether ids show that an event reports a departure. `whole` is the id of the whole event: the event's own, or the one
 * that it names.
 */
function isNamed(leaving: Leaving, form: Form, whole: string | undefined): boolean {
  return whole !== undefined && wholeOf(leaving, form) === whole;
}

/** Whether an event may report a departure that no event of its form has reported yet. */
function mayBe(leaving: Leaving, { form, at, whole }: { form: Form; at: number; whole: string | undefined }): boolean {
  if (leaving.told[form] !== undefined || Math.abs(at - leaving.at) > CLOSE) return false;
  return whole === undefined || wholeOf(leaving, form) === undefined;
}
