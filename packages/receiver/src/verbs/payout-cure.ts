import type { AnyEvent } from "../handler.ts";
import type { Turn } from "../registration.ts";

/** A failure that is over. */
export interface Cure {
  failedPayout: string;
  failedAt: number;
  by: "external_account" | "payout";
}

/** What is stored about an account between its events. */
interface Memory {
  /** The newest uncured failure. */
  failed: { payout: string; at: number; destination: string | null } | null;
  /** The time of the newest cure. */
  curedAt: number;
}

/** States of an external account that allow payouts to it. */
const HEALTHY = new Set(["new", "validated", "verified"]);

/**
 * Detects when a failed payout is over: its external account was changed or another added, or a later payout succeeded.
 * Its notes are written in the handler's transaction, so each failure is cured once. The events may come in any order.
 */
export function createPayoutCure<Tx>(): (event: AnyEvent, turn: Turn<Tx>) => Promise<Cure | null> {
  return async (event, { event: { source, livemode, account }, attempt }) => {
    const key = `payout-cure:${JSON.stringify([source, livemode, account])}`;
    const kept = await attempt.note(key);
    const memory: Memory = kept === null ? { failed: null, curedAt: 0 } : (JSON.parse(kept) as Memory);
    const at = event.created * 1_000;

    if (event.type === "payout.failed") {
      const { id, destination } = event.data.object;
      // A cure of a later second is already known, so this failure is outdated.
      if (at < memory.curedAt || (memory.failed !== null && memory.failed.at > at)) return null;
      const failed = { payout: id, at, destination: typeof destination === "string" ? destination : (destination?.id ?? null) };
      await attempt.setNote(key, JSON.stringify({ ...memory, failed }));
      return null;
    }
    const by = curing(event, memory);
    if (by === null || (memory.failed !== null && at < memory.failed.at)) return null;
    const { failed } = memory;
    await attempt.setNote(key, JSON.stringify({ failed: null, curedAt: Math.max(at, memory.curedAt) } satisfies Memory));
    return failed === null ? null : { failedPayout: failed.payout, failedAt: failed.at, by };
  };
}

/** The cure that an event reports; null when it does not report one. */
function curing(event: AnyEvent, { failed }: Memory): Cure["by"] | null {
  switch (event.type) {
    case "payout.paid":
      // `paid` may come for the same payout that fails later, so it proves nothing.
      return event.data.object.id === failed?.payout ? null : "payout";
    case "account.external_account.created":
    case "account.external_account.updated": {
      const { status } = event.data.object;
      return status === null || status === undefined || HEALTHY.has(status) ? "external_account" : null;
    }
    default:
      return null;
  }
}
