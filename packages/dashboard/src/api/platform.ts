import { keep, kept } from "../design/kept.ts";

/** Where this tab keeps the platform that its operator has chosen. Other tabs may show another platform. */
const STORED = "carabiner platform";

/** The platform that an operator has chosen in this tab; null if none was chosen. */
export const chosenPlatform = (): string | null => kept("sessionStorage", STORED);

/** Chooses a platform for this tab; null for none. */
export function keepPlatform(id: string | null): void {
  keep("sessionStorage", STORED, id);
}
