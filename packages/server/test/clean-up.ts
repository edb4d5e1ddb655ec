/** What a test leaves to be done after it, the last first. `clean-up-after-each.ts` does it. */
export const cleanUp: (() => unknown)[] = [];
