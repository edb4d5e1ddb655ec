import { expect, test } from "vitest";
import { promotedBytes } from "../../../test/promoted-bytes.ts";
import { DEFAULT_LIMITS } from "../../limits.ts";
import type { ResponseHandler } from "./connection.ts";
import { ConnectionPool } from "./connection-pool.ts";

const TO = { origin: "http://127.0.0.1:1", secure: false, hostname: "127.0.0.1", port: 1 };
const IGNORED: ResponseHandler = {
  onConnecting: () => undefined,
  onSent: () => undefined,
  onFirstByte: () => undefined,
  onHead: () => undefined,
  onData: () => undefined,
  onEnd: () => undefined,
  onFault: () => undefined,
};

/** A pool whose connections are never made. */
const createPool = () => new ConnectionPool({ limits: DEFAULT_LIMITS, connect: () => () => undefined });

test("requests that have ended are not kept by those that begin", () => {
  const pool = createPool();
  const send = () => pool.send(TO, { head: "x".repeat(300), body: new Uint8Array(100) }, IGNORED);
  const ends = Array.from({ length: 64 }, send);
  const promoted = promotedBytes(50, () => {
    for (let n = 0; n < 200; n++) {
      ends.shift()?.();
      ends.push(send());
    }
  });
  // 10,000 requests of more than 300 bytes.
  expect(promoted).toBeLessThan(1_500_000);
});

test("requests are ended once each, in whatever order others have ended before", async () => {
  const pool = createPool();
  const faults: number[] = [];
  const ends = Array.from({ length: 6 }, (_, n) =>
    pool.send(TO, { head: "", body: new Uint8Array(0) }, { ...IGNORED, onFault: () => faults.push(n) }),
  );
  for (const n of [0, 5, 2, 2]) ends[n]?.();
  pool.endUnsent();
  await pool.close();
  expect(faults.sort()).toEqual([1, 3, 4]);
});
