import type { AccountWorld } from "../accounts/account-world.ts";
import { hashOf, isHash } from "../merge-change.ts";
import { type AccountDerived, nothingDue, underivedAccount } from "./derived.ts";

/** A world with what follows from it, and when it next changes by itself. */
export interface DerivedWorld {
  world: AccountWorld;
  /** Unix milliseconds: a verification ends, a deadline passes. Null when nothing is pending. */
  nextChangeAt: number | null;
}

/**
 * Works out what follows from all that is known of an account: what is required of it and of its people, which
 * capabilities are active, and whether it can charge and be paid out. Pure: `now` is in Unix milliseconds.
 */
export function deriveWorld(world: AccountWorld, _now: number): DerivedWorld {
  const { given, rejection, exempt } = world.state;
  const asked = Object.entries(hashOf(given.capabilities)).filter(([, capability]) => isHash(capability) && capability.requested === true);
  const capabilities = Object.fromEntries(
    asked.map(([name]) => [
      name,
      { requested: true, requestedAt: null, status: "inactive", requirements: nothingDue(), futureRequirements: nothingDue() },
    ]),
  );
  const derived: AccountDerived = {
    ...underivedAccount(),
    capabilities,
    chargesEnabled: exempt && rejection === null,
    payoutsEnabled: exempt && rejection?.pausesPayouts !== true,
    detailsSubmitted: exempt,
    requirements: { ...nothingDue(), disabled_reason: rejection === null ? null : `rejected.platform_${rejection.reason}` },
  };
  return { world: { ...world, state: { ...world.state, derived } }, nextChangeAt: null };
}
