import type { AuditEntry } from "../api/answers.ts";

/** Who did it: an operator by name, where the entry has it, and by the hint of their key. */
export function doneBy({ act, by, detail }: Pick<AuditEntry, "act" | "by" | "detail">): string {
  // Other acts on operators name in their details whom they were done to.
  const own = act === "operator.requested" || act === "operator.signed_in" || act === "operator.signed_out";
  return own && typeof detail.name === "string" ? `${detail.name} · ${by}` : by;
}

/** What an operator's request in the dashboard asked for, as `POST /console/keys`; null for other acts. */
export function askedOf({ act, detail: { method, path } }: Pick<AuditEntry, "act" | "detail">): string | null {
  return act === "operator.requested" && typeof method === "string" && typeof path === "string" ? `${method} ${path}` : null;
}

/** The id before an entry's, from which a list that ends there has the entry alone. An id that cannot be stays. */
export const idBefore = (id: string): string => id.replace(/^audit_(\d{1,15})$/, (_, number) => `audit_${Math.max(0, Number(number) - 1)}`);
