import { type CarabinerOptions, startCarabiner } from "../../src/index.ts";
import { TEST_SECRET } from "../store/store-fixture.ts";

/**
 * A server in a separate process. Started with its options as JSON; prints its address, and closes on command.
 */
const options = JSON.parse(process.argv[2] ?? "{}") as CarabinerOptions;
const server = await startCarabiner({
  mode: "serve",
  allowLocalEndpoints: true,
  log: "warn",
  secretKeys: { keys: TEST_SECRET },
  ...options,
});
process.on("message", () => void server.close().then(() => process.disconnect?.()));
process.send?.({ url: server.url });
