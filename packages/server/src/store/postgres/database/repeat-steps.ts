import type { HeldUp } from "../../store.ts";
import { isBusy, isEnded } from "./postgres-failure.ts";

/** How often one round tries a step that waits for other transactions' locks. */
const TRIES = 5;

/**
 * Takes one step after another until something was deleted, and returns how much. Returns 0 when there is no further
 * step, or when a step cannot be taken now, which it reports. A step returns null if there is none; `gone` once
 * something was deleted.
 */
export async function repeatSteps(step: () => Promise<{ gone: number | null } | null>, onHeldUp: (why: HeldUp) => void): Promise<number> {
  for (let tries = 1; ; ) {
    let did: { gone: number | null } | null;
    try {
      did = await step();
    } catch (error) {
      if (isEnded(error)) {
        onHeldUp("pending");
        return 0;
      }
      if (!isBusy(error)) throw error;
      if (tries++ === TRIES) {
        onHeldUp("locks");
        return 0;
      }
      continue;
    }
    if (did === null) return 0;
    if (did.gone !== null) return did.gone;
  }
}
