import { createPlatform, openOperator, startCarabiner } from "@carabiner/server";
import { afterAll, expect, test } from "vitest";
import { startChromium } from "../../../scripts/start-chromium.ts";
import { createTestDatabase } from "../../../scripts/test-database.ts";
import { flaws, openDashboard } from "./opened-dashboard.ts";

const cleanUp: (() => unknown)[] = [];
afterAll(async () => {
  for (const step of cleanUp.reverse()) await step();
});

test("an operator sees the nodes of a shared database with their roles, and the audit log, and a platform sees neither", async () => {
  const database = await createTestDatabase();
  cleanUp.push(() => database.drop());
  const options = { store: { url: database.url }, secretKeys: { keys: "00".repeat(32) } };
  const { keys } = await createPlatform({ ...options, name: "Two nodes" });
  const operator = await openOperator(options);
  const { body } = await operator.ask("POST", "/operator/operators", { name: "nora", read_only: true });
  const { key } = JSON.parse(body) as { key: string };
  await operator.close();
  const one = await startCarabiner({ mode: "serve", ...options, roles: ["api"] });
  cleanUp.push(() => one.close());
  const two = await startCarabiner({ mode: "serve", ...options });
  cleanUp.push(() => two.close());
  const chromium = await startChromium();
  cleanUp.push(() => chromium.close());

  const { page, open, complaints } = await openDashboard(chromium, one.url);
  await open("/test/system");
  await page.getByLabel("operator key").fill(key);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Two nodes" }).click();
  const nodes = page.getByRole("region", { name: "Nodes" }).getByRole("row").filter({ hasText: "running" });
  await nodes.nth(1).waitFor();
  expect(await nodes.count()).toBe(2);
  const texts = await nodes.allTextContents();
  expect(texts.filter((text) => /running.*api, send, work/.test(text))).toHaveLength(1);
  await page.keyboard.press("g");
  await page.keyboard.press("u");
  await page.getByRole("link").filter({ hasText: "operator.signed_in" }).filter({ hasText: "nora · op_" }).click();
  await page.getByRole("link", { name: "all with it" }).last().click();
  const acts = page.getByRole("region", { name: "List" }).getByRole("link");
  await acts.filter({ hasText: "operator.added" }).waitFor();
  expect(await acts.count()).toBe(2);
  await page.getByLabel("Act", { exact: true }).fill("key.*");
  await page.keyboard.press("Enter");
  await page.getByText("No entry is like this.").waitFor();
  expect(await flaws(page)).toEqual([]);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("Secret key").fill(keys.test.secret);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("Only operators of this server see its audit log").waitFor();
  await open("/test/system");
  await page.getByRole("region", { name: "Your deliveries" }).waitFor();
  expect(await page.getByRole("region", { name: "Nodes" }).count()).toBe(0);
  expect(await page.getByRole("link", { name: "Audit" }).count()).toBe(0);
  expect(complaints).toEqual([]);
}, 60_000);
