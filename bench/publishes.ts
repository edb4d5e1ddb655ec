import { startPostgres } from "../scripts/postgres-for-tests.ts";
import { deliveryRounds } from "./delivery-rounds.ts";
import { median, medianRatio, type Report } from "./report.ts";

const PUBLISHERS = 64;

/**
 * Deliveries a second of events published one at a time, as applications do: each is a request with a durable commit.
 * Compared with a bare loop that only sends, on each store.
 */
export async function publishes(): Promise<Report[]> {
  const postgres = await startPostgres();
  try {
    return [await publishesOn(null, 8_000), await publishesOn(postgres.url, 3_000)];
  } finally {
    await postgres.stop();
  }
}

/** `database`: the URL of the PostgreSQL database to keep everything in. Without it, an SQLite file is used. */
async function publishesOn(database: string | null, events: number): Promise<Report> {
  const { ours, bare, settings } = await deliveryRounds({ sink: "raw", database, events, batch: 1, publishers: PUBLISHERS });
  return {
    name: database === null ? "single publishes" : "single publishes, PostgreSQL",
    ours: median(ours),
    bare: median(bare),
    ratio: medianRatio(ours, bare),
    reach: { atLeast: database === null ? 0.3 : 0.25 },
    unit: "deliveries/s",
    settings: `${settings}, raw sink, ${database === null ? "one SQLite file, synchronous=FULL" : "PostgreSQL on the same processors, fsync on"}`,
  };
}
