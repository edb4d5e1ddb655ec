/**
 * How many events before the newest are looked through again for work of a handler's former name: another process may
 * have written it since, also to an event of a lower number.
 */
export const LOOKED_BACK = 10_000;

/** The key of the note up to which event a handler has taken over all settled work of its former name. */
export function adoptedNote(from: string, to: string): string {
  return JSON.stringify(["adopted", from, to]);
}
