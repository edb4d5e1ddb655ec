import type { Logger } from "pino";
import type { Store } from "../store/store.ts";

/**
 * A store that logs each change of an endpoint's health that it settles: ids and what failed, without addresses and
 * bodies.
 */
export function logEndpointChanges<Settling extends Pick<Store, "settle">>(store: Settling, log: Logger): Settling {
  return {
    ...store,
    async settle(settlements, checks) {
      const settled = await store.settle(settlements, checks);
      for (const { changes } of settled.checked ?? [])
        for (const { kind, endpointId, accountId, livemode, firstFailureAt, failures } of changes) {
          const line = {
            endpoint: endpointId,
            account: accountId,
            livemode,
            failingSince: firstFailureAt === null ? undefined : new Date(firstFailureAt).toISOString(),
            failedAttempts: failures?.count,
            outcome: failures?.last.outcome,
            status: failures?.last.status ?? undefined,
          };
          if (kind === "recovered") log.info({ code: "endpoint.recovered", ...line }, "an endpoint has recovered");
          else if (kind === "failing")
            log.warn(
              { code: "endpoint.warned", ...line },
              "an endpoint has been failing for a long time, and will be disabled if it keeps failing",
            );
          else log.warn({ code: "endpoint.disabled", ...line }, "an endpoint was disabled because it kept failing");
        }
      return settled;
    },
  };
}
