import type { InboxEvent } from "../inbox/inbox.ts";
import type { Report } from "../report.ts";

/** Something a receiver does that takes time. */
export type Step =
  | { kind: "receive" }
  | { kind: "handle"; handler: string; attempt: number; event: Pick<InboxEvent, "id" | "type" | "account" | "livemode" | "endpoint"> };

/** Who watches a receiver: spans around what it does, and reports of what came of it. */
export interface Telemetry {
  /** Does the work, in a span. Returns and throws what it does. */
  during<Result>(step: Step, work: () => Promise<Result>): Promise<Result>;
  report(report: Report): void;
}
