import { afterEach, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../src/index.ts";

let server: Carabiner | null = null;
afterEach(async () => server?.close());

test("behind many calls of one client another waits for a few, not for all", async () => {
  server = await startCarabiner({ limits: { fileGroupMs: 0 } });
  const { url, keys } = server;
  const answered: string[] = [];
  const list = async (key: string, name: string): Promise<void> => {
    const response = await fetch(`${url}/v1/customers`, { headers: { authorization: `Bearer ${key}` } });
    expect(response.status).toBe(200);
    await response.text();
    answered.push(name);
  };
  const many = Array.from({ length: 200 }, () => list(keys.test.secret, "many"));
  await Promise.race(many);
  await list(keys.live.secret, "other");
  await Promise.all(many);
  // In the order in which they came, the other client's call would be the last.
  expect(answered.length - answered.indexOf("other")).toBeGreaterThan(50);
});
