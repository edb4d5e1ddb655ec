import { type IdSource, LATEST_API_VERSION } from "@carabiner/protocol";
import type { AccountRow, EndpointRow } from "../../src/store/contract/rows.ts";
import type { Store } from "../../src/store/store.ts";
import { storeFixture } from "../store/store-fixture.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** Who lives in the simulated world. */
export interface Population {
  platform: AccountRow;
  connected: AccountRow;
  endpoints: readonly EndpointRow[];
}

const ENDPOINTS = 6;

/** The signing secret of every endpoint. */
export const SECRET = "whsec_simulated";

/** A platform with endpoints of each class and mode, and an account connected to it in both modes. */
export async function populate(store: Store, ids: IdSource, random: SeededRandom, now: number): Promise<Population> {
  const account = (): AccountRow => ({
    id: ids.newId("account", now),
    created: now,
    apiVersion: LATEST_API_VERSION,
    deleted: false,
    data: {},
  });
  const platform = account();
  const connected = account();
  const make = storeFixture();
  const endpoints = Array.from({ length: ENDPOINTS }, (_, n) => {
    const id = ids.newId("webhook_endpoint", now);
    return make.endpoint({
      id,
      accountId: platform.id,
      livemode: n % 2 === 0,
      connect: n % 4 < 2,
      url: `http://receiver.test/${id}`,
      apiVersion: random.pick([null, "2017-04-06"]),
      secrets: [{ secret: SECRET, expiresAt: null }],
      created: now,
    });
  });
  await store.transaction(async (tx) => {
    await tx.insertAccount(platform);
    await tx.insertAccount(connected);
    for (const livemode of [false, true]) {
      const id = ids.newId("application", now);
      await tx.insertApplication({ id, accountId: platform.id, livemode, name: "Simulated", redirectUris: [] });
      await tx.insertConnection({
        platformId: platform.id,
        accountId: connected.id,
        livemode,
        created: now,
        controller: true,
        scope: "read_write",
      });
    }
    for (const endpoint of endpoints) await tx.insertEndpoint(endpoint);
  });
  return { platform, connected, endpoints };
}
