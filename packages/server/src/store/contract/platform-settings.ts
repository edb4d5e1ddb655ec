/** What a platform has set for itself, in both modes. Milliseconds; null for what the server's limits say. */
export interface PlatformSettings {
  accountId: string;
  /** How long its events are kept, and those of the accounts that it created. */
  eventsKeptMs: number | null;
  /** From the first failure of one of its endpoints until it is warned. */
  endpointWarningMs: number | null;
  /** From the first failure until the endpoint is disabled; 0 for never. */
  endpointFailingMs: number | null;
}

/** What a failing endpoint leads to, and when. */
export interface EndpointRules {
  /** From the first failure to the warning. */
  warningMs: number;
  /** From the first failure to being disabled; infinite for never. */
  failingMs: number;
}

/**
 * The rules for a platform's endpoints: the server's, except for what it has set. A platform that has only set when
 * endpoints are disabled is warned after a third of that time at the latest. Pure.
 */
export function endpointRules(
  server: EndpointRules,
  own: Pick<PlatformSettings, "endpointWarningMs" | "endpointFailingMs"> | null,
): EndpointRules {
  const set = own?.endpointFailingMs ?? null;
  const failingMs = set === 0 ? Number.POSITIVE_INFINITY : (set ?? server.failingMs);
  return { warningMs: own?.endpointWarningMs ?? Math.min(server.warningMs, set === null ? server.warningMs : failingMs / 3), failingMs };
}
