import type { Limits } from "../limits.ts";
import type { PlatformSettings } from "../store/contract/platform-settings.ts";
import type { OperationContext } from "./operation.ts";

type Kept = Pick<Limits, "eventsKeptMs" | "eventsKeptLongestMs">;

/** The longest time for which a platform can keep its events. */
export function eventsKeptLongest({ eventsKeptMs, eventsKeptLongestMs }: Kept): number {
  return Math.max(eventsKeptMs, eventsKeptLongestMs);
}

/** How long a platform's events are kept, in milliseconds. A limit that was lowered later takes precedence. Pure. */
export function eventsKept(limits: Kept, own: Pick<PlatformSettings, "eventsKeptMs"> | null): number {
  const asked = own?.eventsKeptMs ?? null;
  return asked === null ? limits.eventsKeptMs : Math.min(asked, eventsKeptLongest(limits));
}

/** The time from which the caller sees events, Unix milliseconds. */
export async function eventsKeptSince({
  tx,
  now,
  limits,
  caller,
}: Pick<OperationContext, "tx" | "now" | "limits" | "caller">): Promise<number> {
  return now - eventsKept(limits, await tx.platformSettings(caller.id));
}
