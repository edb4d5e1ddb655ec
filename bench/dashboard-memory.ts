import { startCarabiner } from "../packages/server/src/index.ts";
import { startChromium } from "../scripts/start-chromium.ts";
import { publishCustomers } from "./publish-customers.ts";
import type { Report } from "./report.ts";

/** An hour of 100 events a second. `CARABINER_BENCH_EVENTS` sets a different number. */
const EVENTS = Number(process.env.CARABINER_BENCH_EVENTS ?? 360_000);
/** The events in one call. */
const BATCH = 100;
/** Simultaneous calls. */
const AT_ONCE = 4;
/** How much more memory the page may use at the end than after the first tenth. */
const REACH_MEGABYTES = 5;

/**
 * The memory that the dashboard's Live page uses in a real browser during an hour of 100 events a second, sent as fast
 * as the server accepts them. It compares the heap after a garbage collection at the end with that after the first
 * tenth. In the second half a user reads an event, and new events wait above the list.
 */
export async function dashboardMemory(): Promise<Report[]> {
  const server = await startCarabiner();
  const chromium = await startChromium();
  try {
    const page = await chromium.newPage({ viewport: { width: 1_280, height: 800 } });
    const devtools = await page.context().newCDPSession(page);
    const megabytes = async (): Promise<number> => {
      await devtools.send("HeapProfiler.collectGarbage");
      return (await devtools.send("Runtime.getHeapUsage")).usedSize / 1e6;
    };
    const publish = async (count: number): Promise<void> => {
      let left = Math.ceil(count / BATCH);
      const one = async (): Promise<void> => {
        while (left-- > 0) await publishCustomers(server, BATCH);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, one));
    };
    await page.goto(`${server.url}/dashboard/test/live`);
    await publish(EVENTS * 0.1);
    await page.locator(".rows li").first().waitFor();
    const first = await megabytes();
    await publish(EVENTS * 0.4);
    const half = await megabytes();
    // The event that the user reads stays, and new events wait above it.
    await page.locator(".rows li a").nth(5).click();
    await page.locator(".rows-scroll").evaluate("(list) => list.scrollTo(0, 2_000)");
    await publish(EVENTS * 0.5);
    const last = await megabytes();
    const figures = [first, half, last].map((each) => each.toFixed(1)).join(", ");
    return [
      {
        name: "dashboard's memory, growth",
        ours: last - first,
        bare: null,
        ratio: null,
        reach: { atMost: REACH_MEGABYTES },
        unit: "MB",
        settings: `${EVENTS.toLocaleString("en")} events while Live is open; heap after a tenth, half and all: ${figures} MB`,
      },
    ];
  } finally {
    await chromium.close();
    await server.close();
  }
}
