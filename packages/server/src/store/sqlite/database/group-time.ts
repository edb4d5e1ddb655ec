/** How long a group takes more work: until then, nothing else of the process has its turn. */
export interface GroupTime {
  /** The machine's time in milliseconds. */
  now(): number;
  mostMs: number;
}

/** Begins the time of a group. Returns whether it is over; null lets a group take as long as its work does. */
export function beginTime(time: GroupTime | null): () => boolean {
  if (time === null) return () => false;
  const until = time.now() + time.mostMs;
  return () => time.now() >= until;
}

/**
 * Turns of the event loop that the process has after a group whose time was over. In each it takes one new connection,
 * and a probe may come after hundreds of others.
 */
const TURNS_LEFT = 16;

/** Calls `next` in a later turn of the event loop: the next one, or after those that the process has to be left. */
export function inLaterTurn(next: () => void, wasOver: boolean): void {
  const wait = (turns: number): void => void setImmediate(() => (turns > 1 ? wait(turns - 1) : next()));
  wait(wasOver ? TURNS_LEFT : 1);
}
