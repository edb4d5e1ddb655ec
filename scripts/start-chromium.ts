import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** Debian's path. The environment can name another. */
const EXECUTABLE = process.env.CARABINER_CHROMIUM ?? "/usr/bin/chromium";

/**
 * A real browser, for tests of the pages. Without one the run fails, because pages that were never opened are not
 * tested.
 */
export async function startChromium(): Promise<Browser> {
  if (!existsSync(EXECUTABLE))
    throw new Error(
      `There is no browser at ${EXECUTABLE}. Install one with \`apt-get install chromium\`, or say in CARABINER_CHROMIUM where it is.`,
    );
  return chromium.launch({ executablePath: EXECUTABLE, args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
}
