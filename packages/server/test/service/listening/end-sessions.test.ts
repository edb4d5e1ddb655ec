import { expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../../../src/limits.ts";
import { endExpired } from "../../../src/service/listening/end-sessions.ts";
import type { ListenSessionRow } from "../../../src/store/contract/rows.ts";
import { openStore } from "../../../src/store/open-store.ts";
import { START } from "../../store/store-fixture.ts";

test("all sessions that have expired are ended, however many there are, and no other", async () => {
  const store = await openStore({ location: "memory", now: START, limits: DEFAULT_LIMITS });
  const session = (n: number, expiresAt: number): ListenSessionRow => ({
    id: `session_${n}`,
    accountId: "acct_1",
    livemode: false,
    keyHash: null,
    feature: "request_logs",
    endpointId: null,
    created: START,
    opened: false,
    connected: false,
    expiresAt,
    forwards: { own: false, connected: false, together: false },
    filter: null,
  });
  await store.transaction(async (tx) => {
    for (let n = 0; n < 250; n++) await tx.insertListenSession(session(n, START + 1));
    await tx.insertListenSession(session(250, START + 2));
  });
  await endExpired(store, START + 1);
  const left = await store.read((reads) => reads.listenSessions({ accountId: "acct_1", livemode: false }));
  expect(left.map(({ id }) => id)).toEqual(["session_250"]);
  await store.close();
});
