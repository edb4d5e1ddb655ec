import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Posted, Transport } from "../packages/server/src/transport/transport.ts";
import type { Report } from "./report.ts";
import { turnedEngine } from "./turned-engine.ts";

const DELIVERIES = 100_000;
const ENDPOINTS = 100;
const DAYS = 3;

/** Three turned days of deliveries on a file, with a network that answers at once: the full cost of retrying. */
export async function threeDays(): Promise<Report[]> {
  return [
    // Either receivers that fail every other time, or half of the receivers always failing, so that half of the
    // deliveries are tried to the end.
    await daysWith("every second attempt fails", (attempt) => attempt % 2 === 0, 20),
    await daysWith("every second receiver is down", (_, endpoint) => endpoint % 2 === 0, null),
  ];
}

async function daysWith(what: string, fails: (attempt: number, endpoint: number) => boolean, atMost: number | null): Promise<Report> {
  let attempts = 0;
  const transport: Transport = {
    post: async ({ url }) => answered(fails(attempts++, Number(url.slice(url.lastIndexOf("/") + 1))) ? 500 : 200),
    close: async () => undefined,
  };
  const directory = mkdtempSync(join(tmpdir(), "carabiner-bench-"));
  try {
    const server = await turnedEngine({
      location: join(directory, "carabiner.db"),
      transport,
      deliveries: DELIVERIES,
      endpoints: ENDPOINTS,
      urlOf: (n) => `http://receiver.test/${n}`,
    });
    const began = performance.now();
    await server.control.advance((now) => now + DAYS * 24 * 3_600_000);
    const seconds = (performance.now() - began) / 1_000;
    await server.close();
    return {
      name: "three turned days",
      ours: seconds,
      bare: null,
      ratio: null,
      reach: atMost === null ? null : { atMost },
      unit: "s",
      settings: `${DELIVERIES} deliveries to ${ENDPOINTS} endpoints, ${what}: ${attempts} attempts; one file, fsync on`,
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const answered = (status: number): Posted => ({ kind: "answer", status, headers: {}, body: "", truncated: false, durationMs: 5 });
