import type { Keys, NodeRole, StoreLocation } from "../packages/server/src/index.ts";
import type { Limits } from "../packages/server/src/limits.ts";
import { TEST_SECRET } from "../packages/server/test/store/store-fixture.ts";

/** What a node is started with, as JSON. */
export interface NodeStart {
  store: StoreLocation;
  /** `serve` when left out. */
  mode?: "dev" | "serve";
  /** From which level on to log to standard error; `fatal` when left out. */
  log?: "debug";
  limits?: Partial<Limits>;
  roles?: readonly NodeRole[];
  /** True when left out: the receivers are on this machine. */
  allowLocalEndpoints?: boolean;
  egress?: { allowedRanges?: readonly string[]; nameServers?: readonly string[] };
}

/** What it says of itself. Keys only where everybody knows them: in `dev` mode. */
export interface NodeHello {
  url: string;
  host: string;
  port: number;
  keys: Keys;
}

/**
 * A node in a process of its own. Says a `NodeHello`; SIGTERM ends it as it ends `carabiner serve`. Told `{ shift: ms
 * }`, its wall clock jumps by so much from what the machine's says. Asked `"idle"`, it answers once it holds nothing.
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
