/** A platform's own settings, in both modes. Milliseconds; null means that the server's limits apply. */
export interface PlatformSettings {
  accountId: string;
  /** How long its events are kept, and those of the accounts that it created. */
  eventsKeptMs: number | null;
  /** From the first failure of one of its endpoints until it is warned. */
  endpointWarningMs: number | null;
  /** From the first failure until the endpoint is disabled; 0 means never. */
  endpointFailingMs: number | null;
}

/** What happens to a failing endpoint, and when. */
export interface EndpointRules {
  /** From the first failure to the warning. */
  warningMs: number;
  /** From the first failure until it is disabled; infinite means never. */
  failingMs: number;
}

/**
 * The rules for a platform's endpoints: the server's, except where the platform has its own settings. A platform that
 * has only set when endpoints are disabled is warned no later than after a third of that time. Pure.
 */
export function endpointRules(
  server: EndpointRules,
  own: Pick<PlatformSettings, "endpointWarningMs" | "endpointFailingMs"> | null,
): EndpointRules {
  const set = own?.endpointFailingMs ?? null;
  const failingMs = set === 0 ? Number.POSITIVE_INFINITY : (set ?? server.failingMs);
  return { warningMs: own?.endpointWarningMs ?? Math.min(server.warningMs, set === null ? server.warningMs : failingMs / 3), failingMs };
}
