import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { createServer, type ViteDevServer } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startChromium } from "../../../scripts/start-chromium.ts";
import { expectNoOverflow, flaws } from "./opened-dashboard.ts";

/** Where screenshots of the page go, for anyone who wants to look at them. */
const PICTURES = process.env.CARABINER_PICTURES;

const COLOURS = ["color-contrast"];

const root = join(import.meta.dirname, "..");

let chromium: Browser;
let vite: ViteDevServer;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "carabiner-stories-"));
  const start = createServer({
    root,
    cacheDir: folder,
    logLevel: "silent",
    server: { host: "127.0.0.1", port: 0, watch: null, hmr: false },
  });
  [chromium, vite] = await Promise.all([startChromium(), start]);
  await vite.listen();
}, 60_000);
afterAll(async () => {
  await Promise.all([chromium.close(), vite.close()]);
  await rm(folder, { recursive: true });
});

test("the parts are accessible in all their states and both themes, and fit from 360 px on", async () => {
  const page = await chromium.newPage({ viewport: { width: 1_280, height: 800 }, reducedMotion: "reduce" });
  const complaints: string[] = [];
  page.on("pageerror", ({ message }) => complaints.push(message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  await page.goto(`${vite.resolvedUrls?.local[0]}stories/`, { timeout: 60_000 });
  await page.getByRole("figure", { name: "Deliveries by day" }).locator("canvas").waitFor({ timeout: 30_000 });
  // An hour without deliveries keeps its place.
  expect(await page.getByRole("img", { name: "No deliveries" }).locator("rect").count()).toBe(24);
  const found: string[] = [];
  /** By these rules in the light theme, and by its colours in the dark one. */
  const look = async (name: string, rules: readonly string[] | null, within = "html"): Promise<void> => {
    for (const [colorScheme, asked] of [["light", rules] as const, ["dark", COLOURS] as const]) {
      await page.emulateMedia({ colorScheme });
      found.push(...(await flaws(page, asked, within)).map((flaw) => `${name}, ${colorScheme}: ${flaw}`));
    }
  };
  await look("the page", null);
  if (PICTURES !== undefined)
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width: 1_280, height: 4_000 });
      await page.screenshot({ path: `${PICTURES}/stories-${colorScheme}.png` });
      await page.setViewportSize({ width: 1_280, height: 800 });
    }
  for (const name of ["Show a secret", "Ask for a URL", "Wait for an answer", "Say what was refused", "Take something away"]) {
    await page.getByRole("button", { name }).click();
    await page.getByRole("dialog", { name }).waitFor();
    if (["Say what was refused", "Take something away"].includes(name))
      await look(name, [...COLOURS, "aria-dialog-name", "label", "button-name"], "dialog");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog", { name }).waitFor({ state: "detached" });
  }
  for (const name of ["Tell of a success", "Tell of a failure"]) await page.getByRole("button", { name }).click();
  await page.getByRole("combobox", { name: "Event type of a story" }).fill("payout");
  await page.getByRole("option", { name: "payout.paid" }).waitFor();
  await look("messages", COLOURS, ".toasts");
  await look("offers", COLOURS, ".combo");
  for (const width of [2_560, 360]) {
    await page.setViewportSize({ width, height: 800 });
    await expectNoOverflow(page, "the parts");
  }
  expect([...found, ...complaints]).toEqual([]);
  await page.close();
}, 120_000);

test("every separate page is accessible in both themes, and fits from 360 px on", async () => {
  const page = await chromium.newPage({ reducedMotion: "reduce" });
  await page.goto(`${vite.resolvedUrls?.local[0]}stories/#shell`, { timeout: 60_000 });
  const found: string[] = [];
  for (const [name, text] of [
    ["shell", "What is around it is the story."],
    ["shell-restricted", "restricted key"],
    ["shell-operator", "read only"],
    ["shell-away", "The server does not answer."],
    ["sign-in", "Secret key or operator key"],
    ["sign-in-again", "Your session has ended."],
    ["choose-platform", "Choose a platform"],
    ["attempt-delivered", "its current secret"],
    ["attempt-refused", "made with a secret that the endpoint no longer has"],
    ["attempt-unanswered", "None came"],
    ["attempt-gone", "an endpoint that is gone"],
  ] as const) {
    await page.evaluate(`location.hash = "#${name}"`);
    await page.getByText(text).first().waitFor({ timeout: 30_000 });
    for (const [colorScheme, rules] of [["light", null] as const, ["dark", COLOURS] as const]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width: 1_280, height: 800 });
      found.push(...(await flaws(page, rules)).map((flaw) => `${name}, ${colorScheme}: ${flaw}`));
      for (const width of [2_560, 1_280, 768, 360]) {
        await page.setViewportSize({ width, height: 800 });
        await expectNoOverflow(page, name);
        if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}-${colorScheme}-${width}.png` });
      }
    }
  }
  expect(found).toEqual([]);
  await page.close();
}, 120_000);

test("nothing of the parts' page is in the build", async () => {
  const built = join(root, "dist");
  const names = (await readdir(built, { recursive: true })).filter((name) => /\.(html|js|css)$/.test(name));
  expect(names.length).toBeGreaterThan(3);
  expect(names.filter((name) => name.includes("stories"))).toEqual([]);
  for (const name of names) expect(await readFile(join(built, name), "utf8"), name).not.toContain("The parts of the dashboard");
});
