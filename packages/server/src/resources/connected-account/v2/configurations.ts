import { hashOf } from "../../../operations/merge-change.ts";
import { requestedCapabilities } from "../requirements/required-fields.ts";
import type { AccountWorld } from "../state/account-world.ts";
import { CONFIGURATIONS, type Configuration, NAMED_CAPABILITIES, OUTBOUND_CAPABILITIES } from "./capability-names.ts";
import { BESIDE } from "./correspondence.ts";
import { valueAt } from "./path.ts";

type Known = Pick<AccountWorld, "state">;

/**
 * Whether a configuration is applied: v2 applied it, or one of its capabilities is requested, through either API. So an
 * account created by v1 is a merchant if it takes payments, and a recipient if it receives transfers.
 */
export function isApplied(world: Known, configuration: Configuration): boolean {
  if (world.state.configured.applied[configuration] === true) return true;
  const requested = new Set(requestedCapabilities(world));
  return NAMED_CAPABILITIES.some((one) => one.configuration === configuration && requested.has(one.v1));
}

/**
 * The configurations that are applied, in alphabetical order. Only the platform that created the account sees that it
 * is a customer: `creator` says whether the list is for that platform, in the account's mode.
 */
export function appliedConfigurations(world: Known, creator: boolean): Configuration[] {
  return CONFIGURATIONS.filter((configuration) => (creator || configuration !== "customer") && isApplied(world, configuration));
}

/** The requested capabilities that pay out without the account's balance. */
export function requestedOutbound({ state }: Known): string[] {
  const kept = hashOf(hashOf(state.given[BESIDE]).outbound);
  return OUTBOUND_CAPABILITIES.filter((name) => valueAt(kept, `${name}.requested`) === true);
}
