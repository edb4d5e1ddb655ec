import { DEFAULT_LIMITS } from "../../packages/receiver/src/limits.ts";
import { REFUSAL_STATUS } from "../../packages/receiver/src/receive.ts";
import { limitRows } from "./limit-rows.ts";
import type { DocumentTable } from "./table.ts";
import { unionMembers } from "./union-members.ts";

/** What each outcome of a verified event means. A test compares the names with the code. */
export const RECEIVED_MEANINGS: Readonly<Record<string, string>> = {
  stored: "It is stored. Its handlers have run, are running, or will be retried.",
  duplicate: "It was already received.",
  wrong_mode: "It belongs to the mode that this receiver does not handle. Connect endpoints in production get test events too.",
  unhandled: "No handler is registered for it.",
  quarantined: "Its account has disconnected. The event waits for the account's return.",
  mismatched: "It arrived at an endpoint of the other scope. It is stored, and waits for `replay`.",
};

/** What each reason to refuse a request means, and what to do. */
export const REFUSAL_MEANINGS: Readonly<Record<string, string>> = {
  method: "The request is not a POST.",
  too_large: "The body is larger than the limit `bodyBytes`.",
  body_cut_short: "The connection ended before the body did.",
  body_consumed: "Something read the body before the receiver could. The log says which line to change.",
  header_missing: "The request has no signature.",
  header_malformed: "The header is not a valid signature.",
  signature_mismatch: "No secret of any endpoint made the signature.",
  body_reserialized: "The body was parsed and serialized again on the way, or changed by a proxy.",
  timestamp_old: "The signature is older than the limit `toleranceSeconds`. The log says by how much.",
  timestamp_future: "The signature's time is in the future: a clock is wrong.",
  not_json: "The signature is valid, but the body is not JSON.",
  not_an_event: "The signature is valid, but the body is not an event.",
  secret_unavailable: "The function that finds the secret failed.",
  inbox_unavailable: "The inbox cannot store it at the moment. The sender is told when to retry, and nothing is lost.",
  handler_failed: "A handler failed, and the inbox is in memory, so the sender is asked to send the event again.",
};

/** The tables of the receiver's README. `source` reads a file by its path from the root. */
export function receiverTables(source: (path: string) => string): DocumentTable[] {
  const file = "packages/receiver/README.md";
  const outcomes = unionMembers("report.ts", source("packages/receiver/src/report.ts"), "ReceivedOutcome");
  return [
    {
      file,
      name: "answers of the receiver",
      heads: ["Answer", "Reported as", "What it is"],
      rows: [
        ...outcomes.map((outcome) => ["200", `\`${outcome}\``, RECEIVED_MEANINGS[outcome] ?? ""]),
        ...Object.entries(REFUSAL_STATUS)
          .sort(([, one], [, other]) => one - other)
          .map(([reason, status]) => [String(status), `\`${reason}\``, REFUSAL_MEANINGS[reason] ?? ""]),
      ],
    },
    {
      file,
      name: "limits of the receiver",
      heads: ["Name", "Default", "Unit", "What it limits"],
      rows: limitRows({ ...DEFAULT_LIMITS }, source("packages/receiver/src/limits.ts")).map((cells) => cells.slice(0, 4)),
    },
  ];
}
