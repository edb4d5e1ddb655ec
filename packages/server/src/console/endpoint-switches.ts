import { type OperationContext, operation, type Resource } from "../operations/operation.ts";
import { flag, optional, params } from "../operations/parameters.ts";
import { holdNow } from "../resources/webhook-endpoints/render-health.ts";
import { switchEndpoint } from "../resources/webhook-endpoints/webhook-endpoints.ts";
import type { Waiting } from "../store/contract/backlog.ts";
import type { EndpointRow, JsonObject } from "../store/contract/rows.ts";
import { ownEndpoint } from "./own-endpoint.ts";
import { fullAnswer } from "./webhook-endpoints.ts";

const ACTIONS = ["pause", "resume", "disable", "enable"] as const;
type Action = (typeof ACTIONS)[number];

/** Pauses, resumes, disables and enables endpoints. Each call returns its effect, and can preview it. */
export const endpointSwitches: Resource = {
  object: "webhook_endpoint",
  expandable: {},
  operations: ACTIONS.map((action) =>
    operation({
      method: "POST",
      path: `/console/webhook_endpoints/:endpoint/${action}`,
      params: params({
        /** Only returns the effect. */
        dry_run: optional(flag()),
      }),
      async run(context, given, path) {
        const { tx, now, limits } = context;
        const before = await ownEndpoint(context, path.endpoint ?? "");
        const after = switched(before, action, now);
        const held = holdNow(before, (await tx.endpointFailures([before.id])).get(before.id) ?? null, now) !== null;
        const effect = effectOf(action, { ...before, held }, await tx.waiting(before.id, now, limits.waitingCounted), context);
        if (given.dry_run === true) return { object: "webhook_endpoint_effect", endpoint: before.id, dry_run: true, ...effect };
        if (effect.changes) await tx.updateEndpoint(after);
        return { ...(await fullAnswer(context, after)), effect };
      },
    }),
  ),
};

/**
 * The endpoint after an action. The time for which it was paused does not count as failing time.
 */
function switched(before: EndpointRow, action: Action, now: number): EndpointRow {
  switch (action) {
    case "pause":
      return { ...before, pausedAt: before.pausedAt ?? now };
    case "resume": {
      const { pausedAt, firstFailureAt } = before;
      if (pausedAt === null) return before;
      return { ...before, pausedAt: null, firstFailureAt: firstFailureAt === null ? null : firstFailureAt + now - pausedAt };
    }
    case "disable":
    case "enable":
      return { ...before, ...switchEndpoint(before, action === "disable") };
  }
}

/** What an action changes, for people and programs. */
function effectOf(
  action: Action,
  { status, pausedAt, held }: EndpointRow & { held: boolean },
  { pending, due }: Waiting,
  { limits: { waitingCounted } }: OperationContext,
): JsonObject & { changes: boolean } {
  const waiting = { waiting: pending, due, more: pending >= waitingCounted };
  const alreadyIs = {
    pause: pausedAt !== null,
    // Any change of an endpoint ends its hold.
    resume: pausedAt === null && !held,
    disable: status === "disabled",
    enable: status === "enabled",
  };
  if (alreadyIs[action]) {
    const is = { pause: "paused", resume: "not paused", disable: "disabled", enable: "enabled" }[action];
    return { action, changes: false, ...waiting, words: `The endpoint is ${is} already: nothing changes.` };
  }
  const wait =
    pending === 1
      ? "1 delivery waits"
      : `${pending >= waitingCounted ? "At least " : ""}${pending.toLocaleString("en-US")} deliveries wait`;
  const ofThem = `${due.toLocaleString("en-US")} of them`;
  const isDue = pending === 1 ? `and is ${due === 1 ? "due" : "not due yet"}` : `${ofThem} due`;
  const isSent = pending === 1 ? `and is ${due === 1 ? "sent now" : "not due yet"}` : `and ${ofThem} ${due === 1 ? "is" : "are"} sent now`;
  const words = {
    pause: `${wait}, ${isDue}. Nothing is sent until the endpoint is resumed, and new events wait too. The time for automatic attempts keeps running: a delivery whose time has run out then gets one more attempt.`,
    resume: held
      ? `${wait}, ${isDue}. What is due is tried again, one at a time until one arrives. If the endpoint keeps failing, it is held back again.`
      : `${wait}, ${isSent}. A delivery whose time for automatic attempts is over gets one attempt.`,
    disable: `${wait}, and ${pending === 1 ? "is cancelled when it falls" : "are cancelled as they fall"} due${pending === 1 ? (due === 1 ? ", which is now" : "") : `: ${ofThem} now`}. Events recorded while the endpoint is disabled are not sent to it. A resend job can send both once it is enabled.`,
    enable: `${wait}, ${isSent}${pausedAt === null ? "" : " unless it stays paused"}. What was not sent while the endpoint was disabled stays cancelled: a resend job sends it.`,
  }[action];
  return { action, changes: true, ...waiting, words };
}
