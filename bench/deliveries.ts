import { startPostgres } from "../scripts/postgres-for-tests.ts";
import { deliveryRounds } from "./delivery-rounds.ts";
import { median, medianRatio, type Report } from "./report.ts";

const EVENTS = 20_000;
const BATCH = 500;

/**
 * Deliveries a second of events published in batches, compared with a bare loop. Rounds alternate; the ratio is the
 * median of the ratios of the rounds.
 */
export async function deliveries(): Promise<Report[]> {
  const postgres = await startPostgres();
  try {
    return [await deliveriesTo("raw", null), await deliveriesTo("http", null), await deliveriesTo("raw", postgres.url)];
  } finally {
    await postgres.stop();
  }
}

/** `database`: the URL of the PostgreSQL database to keep everything in. Without it, an SQLite file is used. */
async function deliveriesTo(sink: "raw" | "http", database: string | null): Promise<Report> {
  const publishers = database === null ? 2 : 4;
  const { ours, bare, settings } = await deliveryRounds({ sink, database, events: EVENTS, batch: BATCH, publishers });
  return {
    name: database === null ? `deliveries, ${sink === "raw" ? "raw" : "node:http"} sink` : "deliveries, PostgreSQL",
    ours: median(ours),
    bare: median(bare),
    ratio: medianRatio(ours, bare),
    reach: { atLeast: database === null ? 0.6 : 0.35 },
    unit: "deliveries/s",
    settings: `${settings}, ${database === null ? "one SQLite file, synchronous=FULL" : "raw sink, PostgreSQL on the same processors, fsync on"}`,
  };
}
