type Place = "localStorage" | "sessionStorage";

/** Values that the browser does not let a page store. They last as long as the page is open. */
const forNow = new Map<string, string>();

/**
 * The value that this browser stores under a name; null if there is none. A browser may forbid pages to store anything.
 */
export function kept(place: Place, name: string): string | null {
  try {
    return globalThis[place].getItem(name);
  } catch {
    return forNow.get(name) ?? null;
  }
}

/** Stores a value under a name, or removes it. */
export function keep(place: Place, name: string, value: string | null): void {
  try {
    if (value === null) globalThis[place].removeItem(name);
    else globalThis[place].setItem(name, value);
  } catch {
    if (value === null) forNow.delete(name);
    else forNow.set(name, value);
  }
}
