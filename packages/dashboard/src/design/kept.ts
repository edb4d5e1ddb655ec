type Place = "localStorage" | "sessionStorage";

/** What the browser does not let a page keep, for as long as the page is open. */
const forNow = new Map<string, string>();

/** What this browser keeps under a name; null where that is nothing. A browser may forbid pages to keep anything. */
export function kept(place: Place, name: string): string | null {
  try {
    return globalThis[place].getItem(name);
  } catch {
    return forNow.get(name) ?? null;
  }
}

/** Keeps a value under a name, or nothing any more. */
export function keep(place: Place, name: string, value: string | null): void {
  try {
    if (value === null) globalThis[place].removeItem(name);
    else globalThis[place].setItem(name, value);
  } catch {
    if (value === null) forNow.delete(name);
    else forNow.set(name, value);
  }
}
