import { expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../../limits.ts";
import type { AccountRow, EventRow } from "../../store/contract/rows.ts";
import type { Transaction } from "../../store/contract/transaction.ts";
import { visibleEvent } from "./visible-event.ts";

const NOW = 1_800_000_000_000;
const account = (id: string): AccountRow => ({ id, created: 0, apiVersion: "2026-10-28.endive", deleted: false, data: {} });
const [platform, connected] = [account("acct_platform"), account("acct_connected")];

/** Whether a caller acting for the connected account sees one of its events. */
async function seen(event: Partial<EventRow>, caller: AccountRow, application: string | null = null, livemode = false): Promise<unknown> {
  const row: EventRow = {
    id: "evt_1",
    accountId: connected.id,
    livemode: false,
    type: "account.application.authorized",
    created: NOW,
    objectId: null,
    applicationId: null,
    body: new Uint8Array(),
    ...event,
  };
  return visibleEvent(
    {
      tx: { event: async () => row, platformSettings: async () => null } as unknown as Transaction,
      now: NOW,
      livemode,
      caller,
      account: connected,
      application: application === null ? null : { id: application, accountId: caller.id, livemode, name: "", redirectUris: [] },
      limits: DEFAULT_LIMITS,
    },
    row.id,
  ).then(
    () => "seen",
    (error: { error: string }) => error.error,
  );
}

it("another application's events are hidden from a platform, and not from the account itself", async () => {
  expect(await seen({ applicationId: "ca_1" }, platform, "ca_1")).toBe("seen");
  expect(await seen({ applicationId: "ca_2" }, platform, "ca_1")).toBe("resource_missing");
  expect(await seen({ applicationId: "ca_2" }, connected)).toBe("seen");
  expect(await seen({}, platform, "ca_1")).toBe("seen");
});

it("events are seen as long as they are kept, in their own mode, on their own account", async () => {
  expect(await seen({ created: NOW - DEFAULT_LIMITS.eventsKeptMs }, connected)).toBe("seen");
  expect(await seen({ created: NOW - DEFAULT_LIMITS.eventsKeptMs - 1 }, connected)).toBe("resource_missing");
  expect(await seen({}, connected, null, true)).toBe("resource_in_other_mode");
  expect(await seen({ accountId: "acct_other" }, connected)).toBe("resource_missing");
});
