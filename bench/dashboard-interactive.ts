import { startCarabiner } from "../packages/server/src/index.ts";
import { startChromium } from "../scripts/start-chromium.ts";
import { publishCustomers } from "./publish-customers.ts";
import { median, type Report } from "./report.ts";

const VISITS = 7;
const EVENTS = 100;
const REACH_MS = 1_000;

/** Runs in the page before its own script: records when the first row of a list exists, and when it is drawn. */
const NOTE_FIRST_ROW = `new MutationObserver((_, observer) => {
  if (document.querySelector(".rows a.row") === null) return;
  observer.disconnect();
  requestAnimationFrame(() => setTimeout(() => performance.mark("first row")));
}).observe(document, { childList: true, subtree: true });`;

/** Runs in the page: waits for that mark, and returns its time since the navigation began, in milliseconds. */
const FIRST_ROW_MS = `new Promise((resolve) => {
  const look = () => {
    const [mark] = performance.getEntriesByName("first row");
    if (mark === undefined) requestAnimationFrame(look);
    else resolve(mark.startTime);
  };
  look();
})`;

/**
 * How long a first visit of the dashboard waits: in Chromium, with nothing in its cache, from the navigation until the
 * first list is drawn and takes clicks. Browser and server share the machine.
 */
export async function dashboardInteractive(): Promise<Report[]> {
  const server = await startCarabiner();
  const chromium = await startChromium();
  try {
    await publishCustomers(server, EVENTS);
    const times: number[] = [];
    for (let n = 0; n < VISITS; n++) {
      // A new context has nothing cached.
      const context = await chromium.newContext({ viewport: { width: 1_280, height: 800 } });
      await context.addInitScript(NOTE_FIRST_ROW);
      const page = await context.newPage();
      await page.goto(`${server.url}/dashboard/test/live`);
      times.push((await page.evaluate(FIRST_ROW_MS)) as number);
      await context.close();
    }
    const figures = times.map((ms) => ms.toFixed(0)).join(", ");
    return [
      {
        name: "dashboard, first list drawn",
        ours: median(times),
        bare: null,
        ratio: null,
        reach: { atMost: REACH_MS },
        unit: "ms",
        settings: `median of ${VISITS} first visits of Live in Chromium, of the navigation: ${figures} ms`,
      },
    ];
  } finally {
    await chromium.close();
    await server.close();
  }
}
