import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { expect } from "vitest";

/** A page of the dashboard, and what it complained of. */
export interface OpenedDashboard {
  page: Page;
  /** Goes to an address of the dashboard, and waits until it shows something. */
  open(path: string): Promise<void>;
  /** Goes to another address as a link of the page does, without loading it anew. */
  turnTo(path: string): Promise<void>;
  /** Errors of the console, of scripts and of the page's policy, dialogs, and requests to elsewhere. */
  complaints: string[];
  close(): Promise<void>;
}

/** Opens a browser window on the dashboard of a server. */
export async function openDashboard(chromium: Browser, url: string, options: BrowserContextOptions = {}): Promise<OpenedDashboard> {
  const context = await chromium.newContext({ viewport: { width: 1_280, height: 800 }, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(8_000);
  const complaints: string[] = [];
  page.on("console", (message) => {
    // What the server refuses, and a network that is away, the page tells of by itself.
    if (message.type() === "error" && !/status of (4\d\d|503)|ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING/.test(message.text()))
      complaints.push(message.text());
  });
  page.on("pageerror", ({ message }) => complaints.push(message));
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    dialog.dismiss().catch(() => undefined);
  });
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== url) complaints.push(`asked for ${request.url()}`);
  });
  return {
    page,
    complaints,
    async open(path) {
      await page.goto(`${url}/dashboard${path}`);
      await page.getByRole("main").waitFor();
    },
    async turnTo(path) {
      await page.evaluate(`history.pushState(null, "", ${JSON.stringify(`/dashboard${path}`)})`);
    },
    async close() {
      // Calls that a test answers itself may be on their way.
      await page.unrouteAll({ behavior: "ignoreErrors" });
      await context.close();
    },
  };
}

const axeSource = readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** A page of any browser, as far as its measures need it. */
interface Measured {
  evaluate(expression: string): Promise<unknown>;
}

/**
 * What axe finds wrong in a page or a part of it, by the rules of WCAG 2.2 AA or by these rules alone. It is run past
 * the page's own policy, which lets no such script in.
 */
export async function flaws(page: Measured, rules: readonly string[] | null = null, within = "html"): Promise<string[]> {
  if ((await page.evaluate("typeof axe")) === "undefined") await page.evaluate(await axeSource);
  return (await page.evaluate(
    `axe.run(${JSON.stringify(within)}, { resultTypes: ["violations"], runOnly: ${JSON.stringify(rules ?? WCAG)} }).then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html.slice(0, 160)).join(" | ")))`,
  )) as string[];
}

/**
 * Finds what cannot be read without scrolling sideways: a page that is wider than its window, filters, a table or a
 * choice that are wider than their place, a text that is cut without a mark, and a line that goes on beyond an edge and
 * does not fade there.
 */
const CUT = `[...document.querySelectorAll("html, body *:not(.unseen, .unseen *)")].flatMap((box) => {
  const { display, overflowX, textOverflow, maskImage, scrollbarWidth } = getComputedStyle(box);
  if (display === "inline" || box.clientWidth === 0 || box.scrollWidth - box.clientWidth <= 1) return [];
  const whole = box.matches("html, .page, .detail, .scroll-x, .filter-bar, .platform-choices");
  const cut = (overflowX === "hidden" || overflowX === "clip") && (textOverflow !== "ellipsis" || box.closest("[title]") === null && box.querySelector("[title]") === null);
  const unseen = overflowX === "auto" && scrollbarWidth === "none" && (maskImage === "none" || box.getAnimations().length === 0);
  return whole || cut || unseen ? [box.tagName.toLowerCase() + "." + box.className + ": " + box.textContent.slice(0, 60)] : [];
})`;

/** Fails when something on a page cannot be read at the width of its window. */
export async function expectNoOverflow(page: Measured, name: string): Promise<void> {
  expect(await page.evaluate(CUT), `${name} at ${await page.evaluate("innerWidth")} px`).toEqual([]);
}
