import { startCarabiner } from "../../src/index.ts";
import type { SecretKeys, StoreLocation } from "../../src/secret-keys.ts";

/**
 * A server that may send to this machine, in a separate process, which logs everything. Prints its address on stdout.
 */
const [store, secretKeys] = JSON.parse(process.argv[2] as string) as [StoreLocation, SecretKeys];
const server = await startCarabiner({ mode: "serve", store, secretKeys, allowLocalEndpoints: true, log: "debug" });
process.stdout.write(`${JSON.stringify({ url: server.url })}\n`);
process.once("SIGTERM", () => void server.close());
