import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT, repositoryFiles } from "../house/repository-files.ts";
import { LOG_CODES, logCodesIn } from "./log-codes.ts";

test("every log line of the server has a code, and every code is explained", () => {
  const sources = repositoryFiles().filter((path) => /^packages\/server\/src\/.*(?<!\.test)\.ts$/.test(path));
  const found = sources.map((path) => ({ path, ...logCodesIn(readFileSync(join(ROOT, path), "utf8")) }));
  expect(found.filter(({ without }) => without.length > 0).map(({ path, without }) => [path, without])).toEqual([]);
  expect([...new Set(found.flatMap(({ codes }) => codes))].sort()).toEqual(Object.keys(LOG_CODES).sort());
});

test("a call without a code is found", () => {
  const source = 'log.info({ code: "a.b", x }, "one"); log.warn({ x }, "two"); log[level](\n  { code: "c" }, "three"); catalog.info(x);';
  expect(logCodesIn(source)).toEqual({ codes: ["a.b", "c"], without: ["log.warn({"] });
});
