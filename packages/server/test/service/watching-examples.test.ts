import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { COUNTERS, GAUGES, HISTOGRAMS, type MetricDefinition } from "../../src/service/metric-definitions.ts";

const read = (path: string): string => readFileSync(new URL(`../../../../examples/${path}`, import.meta.url), "utf8");

/** The series there are, with the labels each can have. */
const series = new Map<string, readonly string[]>([
  ...[COUNTERS, GAUGES]
    .flatMap((group) => Object.values<MetricDefinition>(group))
    .map(({ name, labels = [] }): [string, readonly string[]] => [name, labels]),
  ...Object.values<MetricDefinition>(HISTOGRAMS).flatMap(({ name, labels = [] }): [string, readonly string[]][] => [
    [`${name}_bucket`, [...labels, "le"]],
    [`${name}_sum`, labels],
    [`${name}_count`, labels],
  ]),
  ["nodejs_eventloop_lag_p99_seconds", []],
]);

interface Board {
  panels: { id: number; title: string; targets: { expr: string; legendFormat: string }[] }[];
}

const board = JSON.parse(read("grafana/server.json")) as Board;
const rules = [...read("prometheus/alerts.yml").matchAll(/- alert: (\w+)\n\s+expr: (.+)\n/g)].map(([, title = "", expr = ""]) => ({
  title,
  expr,
}));
const asked = [...board.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ title, expr }))), ...rules];

describe("the board for Grafana and the alert rules", () => {
  test("are found", () => {
    expect(rules.length).toBeGreaterThan(3);
    expect(board.panels.length).toBeGreaterThan(5);
    expect(new Set(board.panels.map(({ id }) => id)).size).toBe(board.panels.length);
  });

  test.each(asked)("$title asks for metrics that there are, by labels that they have", ({ expr }) => {
    const [name = "", ...others] = new Set([...expr.matchAll(/\b(?:carabiner|nodejs)_\w+/g)].map(([each]) => each));
    expect(others).toEqual([]);
    const labels = series.get(name);
    expect(labels, name).toBeDefined();
    const by = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = ""]) => list.split(", "));
    const filtered = [...expr.matchAll(/(\w+)(?:=~?|![=~])"/g)].map(([, label = ""]) => label);
    for (const label of [...by, ...filtered]) expect([...(labels ?? []), "instance"]).toContain(label);
  });

  test("each rule has a test for promtool", () => {
    const tests = read("prometheus/alerts.test.yml");
    expect(rules.filter(({ title }) => !tests.includes(title))).toEqual([]);
  });

  test("a legend names labels that its query keeps", () => {
    for (const { title, targets } of board.panels)
      for (const { expr, legendFormat } of targets) {
        const by = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = ""]) => list.split(", "));
        for (const [, label = ""] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) expect(by, title).toContain(label);
      }
  });
});
