import { type Carabiner, type CarabinerOptions, startCarabiner } from "../src/index.ts";
import { cleanUp } from "./clean-up.ts";

export { cleanUp };

/** A server of the test's own, closed after it. */
export async function start(options: CarabinerOptions = {}): Promise<Carabiner> {
  const server = await startCarabiner(options);
  cleanUp.push(() => server.close());
  return server;
}
