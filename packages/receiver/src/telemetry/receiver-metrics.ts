import type { Depth } from "../inbox/inbox.ts";
import type { Reporter } from "../report.ts";
import { systemClock } from "../system-clock.ts";

/** Counts a receiver's reports, in the format of Prometheus. */
export interface ReceiverMetrics {
  /** For `createReceiver({ onReport: metrics.report })`. */
  readonly report: Reporter;
  /** The count so far: `count("receiver_events_total", { outcome: "duplicate" })`. Omitted labels match anything. */
  count(name: string, labels?: Readonly<Record<string, string>>): number;
  /** Everything in Prometheus's text format, with what waits in the inbox. `now`: Unix milliseconds. */
  text(hooks: { depth(): Promise<Depth> }, now?: number): Promise<string>;
}

/** Upper bounds in seconds. A webhook's age reaches days when a sender has retried. */
const AGE_SECONDS = [0.5, 1, 2, 5, 15, 60, 300, 3_600, 21_600, 86_400, 259_200];
const DURATION_SECONDS = [0.005, 0.01, 0.05, 0.1, 0.5, 1, 3, 10, 30, 60];

const COUNTERS: Readonly<Record<string, string>> = {
  receiver_requests_refused_total: "Requests answered with something other than 200, by reason.",
  receiver_events_total: "Verified events, by endpoint and outcome.",
  receiver_handled_total: "Tries of handlers, by handler and outcome.",
  receiver_connections_total: "Accounts that left or came back, by outcome.",
  receiver_trouble_total: "What someone should look at.",
};

/** Counters by outcome and reason, histograms of age and duration. Accounts and event ids are never labels. */
export function receiverMetrics(): ReceiverMetrics {
  const counters = new Map<string, { name: string; labels: Readonly<Record<string, string>>; value: number }>();
  // Counters begin at 0, because `increase()` does not notice a counter that begins at 1.
  counters.set("receiver_trouble_total", { name: "receiver_trouble_total", labels: {}, value: 0 });
  const age = histogram("receiver_event_age_seconds", "From an event's creation to its arrival.", AGE_SECONDS);
  const duration = histogram("receiver_handler_duration_seconds", "How long tries of handlers took.", DURATION_SECONDS);

  function add(name: string, labels: Readonly<Record<string, string>>): void {
    const key = name + labelled(labels);
    const row = counters.get(key) ?? { name, labels, value: 0 };
    row.value++;
    counters.set(key, row);
  }

  return {
    report(report) {
      switch (report.kind) {
        case "refused":
          add("receiver_requests_refused_total", { reason: report.reason });
          break;
        case "received":
          add("receiver_events_total", { endpoint: report.event.endpoint, outcome: report.outcome });
          age.record(report.ageMs / 1_000);
          break;
        case "handled":
          add("receiver_handled_total", { handler: report.handler, outcome: report.outcome });
          duration.record(report.durationMs / 1_000);
          break;
        case "connection":
          add("receiver_connections_total", { outcome: report.outcome });
          break;
        case "trouble":
          add("receiver_trouble_total", {});
          break;
      }
    },
    count(name, labels = {}) {
      const wanted = Object.entries(labels);
      return [...counters.values()]
        .filter((row) => row.name === name && wanted.every(([label, value]) => row.labels[label] === value))
        .reduce((sum, { value }) => sum + value, 0);
    },
    async text(hooks, now = systemClock.now()) {
      const { work, oldestPendingAt, handlers } = await hooks.depth();
      const waited = (at: number | null): number => (at === null ? 0 : (now - at) / 1_000);
      const lines: string[] = [];
      for (const [name, help] of Object.entries(COUNTERS)) {
        lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} counter`);
        for (const [key, { value, name: of }] of counters) if (of === name) lines.push(`${key} ${value}`);
      }
      lines.push(...age.lines(), ...duration.lines());
      lines.push("# HELP receiver_inbox_work Pieces of work in the inbox, by state.", "# TYPE receiver_inbox_work gauge");
      for (const [state, pieces] of Object.entries(work)) lines.push(`receiver_inbox_work${labelled({ state })} ${pieces}`);
      lines.push(
        "# HELP receiver_inbox_oldest_pending_seconds How long the oldest pending work has waited.",
        "# TYPE receiver_inbox_oldest_pending_seconds gauge",
        `receiver_inbox_oldest_pending_seconds ${waited(oldestPendingAt)}`,
        "# HELP receiver_handler_work Pieces of work that are not settled for good, by handler and state. Handlers that are gone are among them.",
        "# TYPE receiver_handler_work gauge",
        ...handlers.flatMap(({ handler, ...states }) =>
          (["pending", "dead", "quarantined"] as const).map(
            (state) => `receiver_handler_work${labelled({ handler, state })} ${states[state]}`,
          ),
        ),
        "# HELP receiver_handler_oldest_pending_seconds How long the oldest pending work of a handler has waited.",
        "# TYPE receiver_handler_oldest_pending_seconds gauge",
        ...handlers.map(
          ({ handler, oldestPendingAt: at }) => `receiver_handler_oldest_pending_seconds${labelled({ handler })} ${waited(at)}`,
        ),
      );
      return `${lines.join("\n")}\n`;
    },
  };
}

function histogram(name: string, help: string, bounds: readonly number[]): { record(value: number): void; lines(): string[] } {
  const counts = bounds.map(() => 0);
  let total = 0;
  let sum = 0;
  return {
    record(value) {
      total++;
      sum += value;
      bounds.forEach((bound, index) => {
        if (value <= bound) counts[index] = (counts[index] ?? 0) + 1;
      });
    },
    lines: () => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} histogram`,
      ...bounds.map((bound, index) => `${name}_bucket${labelled({ le: String(bound) })} ${counts[index]}`),
      `${name}_bucket${labelled({ le: "+Inf" })} ${total}`,
      `${name}_sum ${sum}`,
      `${name}_count ${total}`,
    ],
  };
}

/** A handler's name may be anything, so characters that would end the text early are escaped with a backslash. */
function labelled(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replace(/[\\"\n]/g, (mark) => (mark === "\n" ? "\\n" : `\\${mark}`))}"`,
  );
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}
