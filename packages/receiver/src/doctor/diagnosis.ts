/** Possible faults in a receiver's registration with the sender, by code. */
export type FindingCode =
  | "api_failed"
  | "no_client"
  | "endpoint_missing"
  | "scope_wrong"
  | "payload_wrong"
  | "endpoint_disabled"
  | "types_missing"
  | "types_unneeded"
  | "endpoint_doubled"
  | "version_unpinned"
  | "version_differs"
  | "handlers_missing"
  | "deauthorization_unheard"
  | "url_unreachable"
  | "url_redirects"
  | "url_answers_wrongly"
  | "body_consumed"
  | "work_orphaned"
  | "inbox_unavailable";

/** A finding of the doctor. */
export interface Finding {
  code: FindingCode;
  /** `error`: events do not arrive or are not handled. `warning`: some may not be. `notice`: worth knowing. */
  severity: "error" | "warning" | "notice";
  /** Its lane, `hooks.<lane>`; null when it is about all lanes. */
  lane: string | null;
  /** The mode it was found in; null when it is about both modes. */
  livemode: boolean | null;
  /** Its endpoint at the API, `we_…`; null when it is not about an endpoint. */
  endpoint: string | null;
  says: string;
  remedy: string;
}

/** The doctor's result. */
export interface Diagnosis {
  /** True when no finding is an error. */
  healthy: boolean;
  /** The findings, the worst first. */
  findings: Finding[];
  /** Everything as text for people, in several lines. It contains no secrets. */
  text: string;
}

const ORDER: readonly Finding["severity"][] = ["error", "warning", "notice"];

/** Sorts findings and puts them into words. `looked`: what was examined, one line for each. */
export function diagnosisOf(found: readonly Finding[], looked: readonly string[]): Diagnosis {
  const findings = ORDER.flatMap((severity) => found.filter((one) => one.severity === severity));
  const lines = findings.map(({ severity, lane, livemode, says, remedy }) => {
    const where = [...(lane === null ? [] : [lane]), ...(livemode === null ? [] : [livemode ? "live" : "test"])].join(", ");
    return `${severity.toUpperCase().padEnd(8)}${where === "" ? "" : `[${where}] `}${says}\n        ${remedy}`;
  });
  const verdict = findings.length === 0 ? "Everything fits." : `${findings.length} finding${findings.length === 1 ? "" : "s"}.`;
  return {
    healthy: findings.every(({ severity }) => severity !== "error"),
    findings,
    text: [...looked, ...lines, verdict].join("\n"),
  };
}
