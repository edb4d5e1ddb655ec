import type { Limits } from "../../limits.ts";
import { type EndpointRules, endpointRules, type PlatformSettings } from "../../store/contract/platform-settings.ts";
import type { Reads } from "../../store/contract/transaction.ts";

/** The limits that platforms can replace for their endpoints. */
type RuleLimits = Pick<Limits, "endpointWarningMs" | "endpointFailingMs">;

/** The rules for failing endpoints of an account: the server's, except where the account has its own. */
export async function rulesOfOwner(reads: Pick<Reads, "platformSettings">, accountId: string, limits: RuleLimits): Promise<EndpointRules> {
  return rulesOf(await reads.platformSettings(accountId), limits);
}

/** The same, from its settings. Pure. */
export function rulesOf(
  own: Pick<PlatformSettings, "endpointWarningMs" | "endpointFailingMs"> | null,
  { endpointWarningMs: warningMs, endpointFailingMs: failingMs }: RuleLimits,
): EndpointRules {
  return endpointRules({ warningMs, failingMs }, own);
}
