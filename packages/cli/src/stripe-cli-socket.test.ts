import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { stripeCliSocket } from "./stripe-cli-socket.ts";

test("a server that does not start leaves the socket of the one that runs in its directory", async () => {
  const data = mkdtempSync(join(tmpdir(), "carabiner-"));
  try {
    const running = join(data, "stripe.sock");
    writeFileSync(running, "");
    const refused = await stripeCliSocket(data);
    await refused?.remove();
    expect([refused?.path, existsSync(running)]).toEqual([running, true]);
  } finally {
    rmSync(data, { recursive: true });
  }
});

test("without a data directory its own folder is made, and removed", async () => {
  const socket = await stripeCliSocket(undefined);
  const folder = dirname(socket?.path ?? "");
  expect(existsSync(folder)).toBe(true);
  await socket?.remove();
  expect(existsSync(folder)).toBe(false);
});
