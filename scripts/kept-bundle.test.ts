import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ROOT } from "./house/repository-files.ts";
import { keptBundle, noteUse, sourcesKey } from "./kept-bundle.ts";
import { whatLoads } from "./what-loads.ts";

const NOW = Date.UTC(2026, 10, 29);
const DAY = 24 * 3_600_000;

describe("a kept bundle", () => {
  let root: string;
  let made: number;
  const source = (name: string): string => join(root, "packages/server/src", name);

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "carabiner-kept-"));
    mkdirSync(source("deep"), { recursive: true });
    writeFileSync(source("a.ts"), "1");
    writeFileSync(source("deep/b.ts"), "2");
    made = 0;
  });
  afterEach(() => rmSync(root, { recursive: true }));

  /** Bundles by joining two files. */
  const bundled = (now = NOW): string => {
    const main = keptBundle(
      root,
      (folder) => {
        made++;
        mkdirSync(folder, { recursive: true });
        writeFileSync(join(folder, "main.js"), readFileSync(source("a.ts"), "utf8") + readFileSync(source("deep/b.ts"), "utf8"));
      },
      now,
    );
    return readFileSync(main, "utf8");
  };

  test("is made once for the same sources", () => {
    expect([bundled(), bundled(), made]).toEqual(["12", "12", 1]);
  });

  test("is made again after every change of a source, also of one that keeps its size and its time", () => {
    bundled();
    writeFileSync(source("deep/b.ts"), "3");
    utimesSync(source("deep/b.ts"), 1, 1);
    expect(bundled()).toBe("13");
    writeFileSync(source("deep/b.ts"), "4");
    utimesSync(source("deep/b.ts"), 1, 1);
    expect(bundled()).toBe("14");
    const keys = [sourcesKey(root)];
    writeFileSync(source("c.ts"), "");
    keys.push(sourcesKey(root));
    mkdirSync(join(root, "node_modules"), { recursive: true });
    writeFileSync(join(root, "node_modules/.package-lock.json"), "{}");
    keys.push(sourcesKey(root));
    rmSync(source("c.ts"));
    keys.push(sourcesKey(root));
    expect(new Set(keys).size).toBe(4);
  });

  test("stays the same when only a test changes", () => {
    bundled();
    writeFileSync(source("a.test.ts"), "test");
    bundled();
    expect(made).toBe(1);
  });

  test("leaves nothing behind when it fails, and is tried again", () => {
    const failing = (): string =>
      keptBundle(root, (folder) => {
        mkdirSync(folder, { recursive: true });
        throw new Error("no bundle");
      });
    expect(failing).toThrow("no bundle");
    expect(readdirSync(join(root, "node_modules/.cache/carabiner-start"))).toEqual([]);
    expect(bundled()).toBe("12");
  });

  test("is removed a week after its last start", () => {
    bundled(NOW);
    const first = join(root, "node_modules/.cache/carabiner-start", sourcesKey(root));
    bundled(NOW + 6 * DAY);
    writeFileSync(source("a.ts"), "5");
    bundled(NOW + 12 * DAY);
    expect(existsSync(first)).toBe(true);
    writeFileSync(source("a.ts"), "6");
    bundled(NOW + 14 * DAY);
    expect(existsSync(first)).toBe(false);
  });

  test("stays while a server notes that it uses it, which whoever may not write need not do", () => {
    bundled(NOW);
    const first = join(root, "node_modules/.cache/carabiner-start", sourcesKey(root));
    noteUse(join(first, "main.js"), NOW + 6 * DAY);
    writeFileSync(source("a.ts"), "5");
    bundled(NOW + 12 * DAY);
    expect(existsSync(first)).toBe(true);
    expect(() => noteUse(join(root, "missing/main.js"), NOW)).not.toThrow();
  });

  test("is not begun where nothing can be written, and the reason is one line", () => {
    writeFileSync(join(root, "node_modules"), "");
    const unwritable = (): string => keptBundle(root, () => expect.unreachable());
    expect(unwritable).toThrow(/^ENOTDIR: not a directory, mkdir [^\n]*$/);
  });
});

test("`npm start` runs few files, none of them a source but what starts it", { timeout: 60_000 }, async () => {
  const start = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).scripts.start as string;
  const [node, ...args] = start.split(" ");
  expect(node).toBe("node");
  const { files, builtIn } = await whatLoads(process.execPath, [...args, "--port", "0", "--json"], ROOT);
  const sources = files.filter((file) => file.startsWith(join(ROOT, "packages")));
  expect(sources).toEqual([]);
  expect(files.length).toBeLessThan(40);
  expect(builtIn).not.toContain("NativeModule internal/deps/undici/undici");
});
