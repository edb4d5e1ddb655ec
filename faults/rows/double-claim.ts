import { startChild } from "../../bench/child.ts";
import { seedOwner, seedPending } from "../../bench/seed-store.ts";
import type { ClaimToken } from "../../packages/server/src/store/contract/delivery-store.ts";
import { openStore } from "../../packages/server/src/store/open-store.ts";
import { TEST_KEYS } from "../../packages/server/test/store/store-fixture.ts";
import { CLAIMER_PROGRAM } from "../node-program.ts";
import type { Row, Scale } from "../row.ts";
import { createDatabase } from "../world.ts";

const DELIVERIES: Record<Scale, number> = { full: 100_000, quick: 5_000 };
const NODES = 8;
const ENDPOINTS = 50;
const LEASE_MS = 5_000;

/**
 * Eight processes claim from one database as fast as they can: no lease is given twice, and each delivery is settled
 * once.
 */
export const doubleClaim: Row = {
  number: 10,
  name: "eight nodes claim at once",
  async run(context) {
    const deliveries = DELIVERIES[context.scale];
    const database = await createDatabase(context.postgres.url);
    try {
      context.progress(`${deliveries} deliveries are made`);
      const now = Date.now();
      const store = await openStore({ location: database.url, now, keys: TEST_KEYS });
      const owner = await seedOwner(store, now, ENDPOINTS, (n) => `http://127.0.0.1:9/${n}`);
      await seedPending(store, now, [owner], deliveries);
      await store.close();

      context.progress(`${NODES} nodes claim`);
      const nodes = await Promise.all(
        Array.from({ length: NODES }, (_, n) => startChild(CLAIMER_PROGRAM, [database.url, String(n + 1), String(LEASE_MS)])),
      );
      const began = performance.now();
      const found = await Promise.all(
        nodes.map(({ child }) => child.ask<{ tokens: ClaimToken[]; settled: number; dropped: number }>("work")),
      );
      const seconds = (performance.now() - began) / 1_000;
      await Promise.all(nodes.map(({ child }) => child.stop()));

      const tokens = found.flatMap((node) => node.tokens);
      const doubleClaims = tokens.length - new Set(tokens).size;
      const settled = found.reduce((sum, node) => sum + node.settled, 0);
      const breaches: string[] = [];
      if (doubleClaims > 0) breaches.push(`${doubleClaims} leases were given twice`);
      if (settled !== deliveries) breaches.push(`${settled} settlements were taken for ${deliveries} deliveries`);
      return {
        breaches,
        figures: {
          nodes: NODES,
          deliveries,
          claims: tokens.length,
          dropped: found.reduce((sum, node) => sum + node.dropped, 0),
          doubleClaims,
          claimsPerSecond: Math.round(tokens.length / seconds),
        },
      };
    } finally {
      await database.drop();
    }
  },
};
