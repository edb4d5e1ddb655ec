import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stripeCliSocket } from "./stripe-cli-socket.ts";

test("a server that does not start leaves the socket of the one that has the directory", async () => {
  const directory = mkdtempSync(join(tmpdir(), "carabiner-socket-"));
  try {
    const socket = await stripeCliSocket(directory);
    writeFileSync(join(directory, "stripe.sock"), "");
    await socket?.remove();
    expect(existsSync(join(directory, "stripe.sock"))).toBe(true);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
