import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { receiverMetrics } from "../src/telemetry/receiver-metrics.ts";

interface Board {
  panels: { id: number; title: string; targets: { expr: string; legendFormat: string }[] }[];
}

const board = JSON.parse(readFileSync(new URL("../../../examples/grafana/receiver-board.json", import.meta.url), "utf8")) as Board;

/** The metrics there are, with the labels each can have, from what a receiver writes. */
async function metrics(): Promise<Map<string, Set<string>>> {
  const counted = receiverMetrics();
  const event = { id: "evt_1", type: "payout.paid", account: null, livemode: false, endpoint: "platform" };
  counted.report({ kind: "received", outcome: "stored", event, ageMs: 1 });
  counted.report({ kind: "handled", outcome: "done", event, handler: "a", attempt: 1, durationMs: 1 });
  counted.report({ kind: "refused", reason: "method", status: 405, says: "" });
  counted.report({ kind: "trouble", says: "" });
  const work = { pending: 1, done: 0, dead: 0, discarded: 0, stale: 0, cancelled: 0, quarantined: 0 };
  const handlers = [{ handler: "a", pending: 1, dead: 0, quarantined: 0, oldestPendingAt: 0 }];
  const text = await counted.text({ depth: async () => ({ work, oldestPendingAt: 0, handlers }) }, 1_000);
  const found = new Map<string, Set<string>>();
  for (const [, name = "", labels = ""] of text.matchAll(/^(receiver_\w+)(?:\{(.*)\})? /gm)) {
    const known = found.get(name) ?? new Set();
    for (const [, label = ""] of labels.matchAll(/(\w+)="/g)) known.add(label);
    found.set(name, known);
  }
  return found;
}

test("the Grafana board asks for metrics that there are, by labels that they have", async () => {
  const known = await metrics();
  const { panels } = board;
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  for (const { title, targets } of panels) {
    for (const { expr, legendFormat } of targets) {
      const asked = [...expr.matchAll(/receiver_\w+/g)].map(([name]) => name);
      expect(asked, title).toHaveLength(1);
      const labels = known.get(asked[0] ?? "");
      expect(labels, `${title}: ${asked[0]}`).toBeDefined();
      const by = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = ""]) => list.split(", "));
      const filtered = [...expr.matchAll(/(\w+)="/g)].map(([, label = ""]) => label);
      for (const label of [...by, ...filtered]) expect([...(labels ?? [])], `${title}: ${label}`).toContain(label);
      for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) expect(by, `${title}: ${label}`).toContain(label);
    }
  }
});

test("it shows depth, age, tries and dead letters by handler", () => {
  const byHandler = board.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).filter((expr) => expr.includes("(handler"));
  for (const metric of [
    'receiver_handler_work{state="pending"}',
    "receiver_handler_oldest_pending_seconds",
    "receiver_handled_total",
    'receiver_handler_work{state="dead"}',
  ])
    expect(byHandler.join("\n")).toContain(metric);
});
