import { afterEach } from "vitest";
import { type Carabiner, type CarabinerOptions, startCarabiner } from "../src/index.ts";

/** What a test leaves to be done after it, the last first. */
export const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

/** A server of the test's own, closed after it. */
export async function start(options: CarabinerOptions = {}): Promise<Carabiner> {
  const server = await startCarabiner(options);
  cleanUp.push(() => server.close());
  return server;
}
