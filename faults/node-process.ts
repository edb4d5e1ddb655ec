import type { Keys, NodeRole, StoreLocation } from "../packages/server/src/index.ts";
import type { Limits } from "../packages/server/src/limits.ts";
import { TEST_SECRET } from "../packages/server/test/store/store-fixture.ts";

/** The start options of a node, as JSON. */
export interface NodeStart {
  store: StoreLocation;
  /** The default is `serve`. */
  mode?: "dev" | "serve";
  /** The lowest level to log to standard error; `fatal` by default. */
  log?: "debug";
  limits?: Partial<Limits>;
  roles?: readonly NodeRole[];
  /** True by default, because the receivers are on this machine. */
  allowLocalEndpoints?: boolean;
  egress?: { allowedRanges?: readonly string[]; nameServers?: readonly string[] };
}

/** Its first message. It contains keys only in `dev` mode, where they are public. */
export interface NodeHello {
  url: string;
  host: string;
  port: number;
  keys: Keys;
}

/**
 * A node in its own process. Says a `NodeHello`; SIGTERM ends it in the same way as `carabiner serve`. After `{ shift:
 * ms }`, its wall clock differs from the machine's by this much. Asked `"idle"`, it answers once it holds nothing in
 * memory.
 */
const start = JSON.parse(process.argv[2] as string) as NodeStart;
let shiftMs = 0;
const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...given: [] | [number]) {
    if (given.length === 0) super(RealDate.now() + shiftMs);
    else super(...given);
  }
  static override now(): number {
    return RealDate.now() + shiftMs;
  }
} as DateConstructor;

const { startCarabiner } = await import("../packages/server/src/index.ts");
const node = await startCarabiner({ mode: "serve", allowLocalEndpoints: true, log: "fatal", secretKeys: { keys: TEST_SECRET }, ...start });
process.on("message", async (asked: { shift: number } | "idle") => {
  if (asked === "idle") await node.idle();
  else shiftMs = asked.shift;
  process.send?.({ ok: true });
});
const end = (): void => void node.close().then(() => process.exit(0));
process.once("SIGTERM", end);
process.once("disconnect", end);
const { url, host, port, keys } = node;
process.send?.({ url, host, port, keys } satisfies NodeHello);
