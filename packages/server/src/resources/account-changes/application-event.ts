import type { EventDraft } from "../../events/record-event.ts";
import type { AccountRow, ApplicationRow } from "../../store/contract/rows.ts";
import { renderApplication } from "./render-application.ts";

/** That an account is connected to an application, or no longer is: told to that application's platform alone, in its mode. */
export function applicationEvent(what: "authorized" | "deauthorized", account: AccountRow, application: ApplicationRow): EventDraft {
  return {
    account,
    livemode: application.livemode,
    type: `account.application.${what}` as const,
    object: renderApplication(application),
    application: { id: application.id, platformId: application.accountId },
  };
}
