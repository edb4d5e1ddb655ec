/** How long a group accepts more work: until then, nothing else in the process gets a turn. */
export interface GroupTime {
  /** The machine's time in milliseconds. */
  now(): number;
  mostMs: number;
}

/** Starts the time of a group. Returns whether it is over; null lets a group take as long as its work does. */
export function beginTime(time: GroupTime | null): () => boolean {
  if (time === null) return () => false;
  const until = time.now() + time.mostMs;
  return () => time.now() >= until;
}

/**
 * How many turns of the event loop the process gets after a group whose time was over. It accepts one new connection in
 * each, and a probe may come after hundreds of others.
 */
const TURNS_LEFT = 16;

/** Calls `next` in a later turn of the event loop: the next one, or after the turns that the process must get. */
export function inLaterTurn(next: () => void, wasOver: boolean): void {
  const wait = (turns: number): void => void setImmediate(() => (turns > 1 ? wait(turns - 1) : next()));
  wait(wasOver ? TURNS_LEFT : 1);
}
