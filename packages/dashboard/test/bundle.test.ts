import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { expect, test } from "vitest";

/** Most of what a first visit may load, gzipped. */
const FIRST_LOAD_BYTES = 150_000;

/** Licences under which code may be part of the page. */
const FREE = new Set(["MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Unlicense"]);

/** The built page; `scripts/dashboard-for-tests.ts` has built it. */
const folder = join(import.meta.dirname, "../dist");

test("a first visit loads at most 150 kB, from the page's own folder", async () => {
  const page = await readFile(join(folder, "index.html"), "utf8");
  const loaded = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = ""]) => path);
  expect(loaded.every((path) => path.startsWith("./"))).toBe(true);
  let bytes = (await readFile(join(folder, "index.html.gz"))).length;
  for (const path of loaded) bytes += (await readFile(join(folder, `${path}.gz`))).length;
  expect(bytes).toBeLessThanOrEqual(FIRST_LOAD_BYTES);
  expect(bytes).toBeGreaterThan(50_000);
});

test("every text comes compressed as well, and compressed it is the same", async () => {
  const names = await readdir(join(folder, "assets"));
  const texts = names.filter((name) => /\.(css|js|svg)$/.test(name));
  expect(texts.length).toBeGreaterThan(3);
  for (const name of texts) {
    const bytes = await readFile(join(folder, "assets", name));
    expect(brotliDecompressSync(await readFile(join(folder, "assets", `${name}.br`))).equals(bytes), name).toBe(true);
    expect(gunzipSync(await readFile(join(folder, "assets", `${name}.gz`))).equals(bytes), name).toBe(true);
  }
});

test("the packages in the page are named with their licences and their texts", async () => {
  const report = await readFile(join(folder, "licences.txt"), "utf8");
  const packages = [...report.matchAll(/^(\S+) [\d.]+ +(\S+) +\d+ bytes$/gm)].map(
    ([, name = "", licence = ""]) => [name, licence] as const,
  );
  expect(packages.map(([name]) => name)).toEqual(expect.arrayContaining(["react-dom", "@tanstack/query-core", "wouter", "uplot"]));
  expect(packages.filter(([, licence]) => !FREE.has(licence))).toEqual([]);
  // What is not among them got in unnoticed: each more is a decision, with a figure.
  expect(packages.length).toBeLessThanOrEqual(13);
  expect(report).toContain("Permission is hereby granted");
});
