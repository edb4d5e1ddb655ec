import type { EventDraft } from "../../events/event-draft.ts";
import type { AccountRow, ApplicationRow } from "../../store/contract/rows.ts";
import { renderApplication } from "./render-application.ts";

/**
 * Drafts the event for an account that was connected to or disconnected from an application. Only that application's
 * platform receives it, in its mode.
 */
export function applicationEvent(what: "authorized" | "deauthorized", account: AccountRow, application: ApplicationRow): EventDraft {
  return {
    account,
    livemode: application.livemode,
    type: `account.application.${what}` as const,
    object: renderApplication(application),
    application: { id: application.id, platformId: application.accountId },
  };
}
