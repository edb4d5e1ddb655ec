import type { InboxEvent } from "../inbox/inbox.ts";
import type { Report } from "../report.ts";

/** An operation of a receiver that takes time. */
export type Step =
  | { kind: "receive" }
  | { kind: "handle"; handler: string; attempt: number; event: Pick<InboxEvent, "id" | "type" | "account" | "livemode" | "endpoint"> };

/** Observes a receiver: spans around its operations, and reports of their outcome. */
export interface Telemetry {
  /** Does the work in a span. Returns and throws what the work does. */
  during<Result>(step: Step, work: () => Promise<Result>): Promise<Result>;
  report(report: Report): void;
}
