export type { Clock } from "./clock.ts";
export { createReceiver } from "./create-receiver.ts";
export type { Diagnosis, Finding, FindingCode } from "./doctor/diagnosis.ts";
export type { DoctorOptions } from "./doctor/doctor-options.ts";
export type { EventType, Matching, Pattern, ThinEventType, ThinPattern, WholePattern } from "./event-pattern.ts";
export type { Handler, HandlerContext, HandlerOptions, Lane } from "./handler.ts";
export { Defer, Discard, NoClient } from "./handler-errors.ts";
export type { Answer, Incoming, UnreadBody } from "./http-exchange.ts";
export type {
  Depth,
  DepthRequest,
  HandlerDepth,
  Inbox,
  Order,
  Pruned,
  SettledState,
  WorkFilter,
  WorkOfEvent,
  WorkRow,
  WorkState,
} from "./inbox/inbox.ts";
export { InboxUnavailable } from "./inbox/inbox.ts";
export { DEFAULT_LIMITS, type Limits } from "./limits.ts";
export type { Log } from "./log.ts";
export type { InboxPage, InboxPageOptions } from "./page/inbox-page.ts";
export type {
  AccountOf,
  AccountPolicy,
  Drained,
  EndpointOptions,
  Receiver,
  ReceiverDepth,
  ReceiverOptions,
  ReceiverVerbs,
  Reconciled,
  ReconcileOptions,
  ReplayDeadOptions,
  ReplayOptions,
  SecretRequest,
  Secrets,
} from "./receiver.ts";
export type { Connection, Handled, Received, RefusalReason, Refused, Report, ReportedEvent, Reporter, Trouble } from "./report.ts";
export type { Clients, RequestOptions, StripeClient } from "./stripe-client.ts";
export { type ReceiverMetrics, receiverMetrics } from "./telemetry/receiver-metrics.ts";
export type { Step, Telemetry } from "./telemetry/telemetry.ts";
export type { ThinContext } from "./thin-context.ts";
export type { ThinEvent } from "./thin-event.ts";
export type {
  Deauthorized,
  ExternalAccountDisabled,
  PayoutCured,
  PayoutFailed,
  PersonNeedsAttention,
  RequirementsDue,
  VerbContext,
  Verbs,
} from "./verbs/verbs.ts";
