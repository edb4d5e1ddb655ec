import { createSystemClock } from "./clock/system-clock.ts";
import { openWithKeys, type StoreWithKeys } from "./open-with-keys.ts";
import { switchEndpoint } from "./resources/webhook-endpoints/webhook-endpoints.ts";

/** An endpoint after it was disabled or enabled. */
export interface SwitchedEndpoint {
  id: string;
  url: string;
  status: "enabled" | "disabled";
  livemode: boolean;
}

/**
 * Disables or enables any owner's endpoint in an SQLite file that no server is using, or in a PostgreSQL database. For
 * an operator whose server cannot run because of an endpoint. Returns null when the endpoint does not exist. Throws
 * `StoreUnavailable` when the file is in use, `UnusableKeys` or `UnfitDatabase` when the keys are wrong.
 */
export async function switchStoredEndpoint(
  options: Pick<StoreWithKeys, "store" | "secretKeys"> & { endpoint: string; disabled: boolean },
): Promise<SwitchedEndpoint | null> {
  const { store } = await openWithKeys(options);
  const now = createSystemClock().now();
  try {
    return await store.transaction(async (tx) => {
      const before = await tx.endpoint(options.endpoint);
      if (before === null || before.deleted) return null;
      const after = { ...before, ...switchEndpoint(before, options.disabled) };
      await tx.updateEndpoint(after);
      await tx.insertAudit({
        at: now,
        act: options.disabled ? "endpoint.disabled" : "endpoint.enabled",
        accountId: after.accountId,
        subject: after.id,
        by: "operator, command",
        from: null,
        detail: { livemode: after.livemode },
      });
      return { id: after.id, url: after.url, status: after.status, livemode: after.livemode };
    });
  } finally {
    await store.close();
  }
}
