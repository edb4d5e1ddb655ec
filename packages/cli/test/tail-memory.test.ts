import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, expect, test, vi } from "vitest";
import { EXIT_CODES } from "../src/exit-codes.ts";
import type { Delivery } from "../src/output/delivery.ts";
import { runProgram } from "../src/program.ts";
import { capturedTerminal } from "./captured-terminal.ts";

/** Deliveries that are followed: enough to see the growth, were anything kept of each. */
const DELIVERIES = 50_000;
/** From here on everything that is bounded is full. */
const WARM = 10_000;
/** Far less than one id for each delivery between the two would take. */
const MOST_BYTES = 1_000_000;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

afterEach(() => {
  vi.unstubAllGlobals();
});

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** The nth delivery: most have ended, some wait for their next attempt, and all differ in what could be remembered. */
function delivery(n: number): Delivery {
  const waits = n % 7 === 0;
  return {
    id: `dlv_${n}`,
    kind: "automatic",
    event: `evt_${String(n).padStart(24, "0")}`,
    event_type: "account.updated",
    account: `acct_${String(n).padStart(16, "0")}`,
    livemode: false,
    webhook_endpoint: `we_${n}`,
    state: waits ? "pending" : n % 3 === 0 ? "exhausted" : "succeeded",
    attempt_count: 1,
    created: n,
    next_attempt_at: waits ? 4_000_000_000 : null,
    settled_at: waits ? null : n,
    reason: null,
    last_attempt: {
      at: n,
      duration_ms: 5,
      outcome: "status",
      status: 500,
      reason: `The endpoint answered 500 Error. It explains ${n} so.`,
    },
  };
}

/**
 * A server's list of deliveries, to which pages are added as long as they are read; `read` is called with their number.
 */
function stubServer(read: (count: number) => void): void {
  vi.stubGlobal("fetch", async (address: string) => {
    const { pathname, searchParams } = new URL(address);
    if (pathname === "/console/webhook_endpoints") return Response.json({ data: [] });
    if (pathname.endsWith("/clock")) return Response.json({ now: 0 });
    const from = Number(searchParams.get("ending_before")?.replace("dlv_", "") ?? 0) + 1;
    if (!searchParams.has("ending_before")) return Response.json({ data: [delivery(0)] });
    read(from - 1);
    const count = Math.min(Number(searchParams.get("limit")), DELIVERIES - from + 1);
    return Response.json({ data: Array.from({ length: count }, (_, index) => delivery(from + count - 1 - index)) });
  });
}

test.each([[[]], [["--json"]]])("following %j many deliveries does not use more memory than following few", async (options) => {
  const terminal = capturedTerminal();
  let printed = 0;
  terminal.print = () => void printed++;
  const heap = new Map<number, number>();
  stubServer((count) => {
    if (count === WARM || count === DELIVERIES) heap.set(count, heapBytes());
    if (count === DELIVERIES) terminal.askToStop();
  });
  expect(await runProgram(["deliveries", "tail", ...options], terminal)).toBe(EXIT_CODES.ok);
  expect(printed).toBe(DELIVERIES);
  expect((heap.get(DELIVERIES) ?? Number.NaN) - (heap.get(WARM) ?? Number.NaN)).toBeLessThan(MOST_BYTES);
});
