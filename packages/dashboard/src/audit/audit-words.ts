import type { AuditEntry } from "../api/answers.ts";

/** Who did it: an operator by name, if the entry has it, and by the hint of their key. */
export function doneBy({ act, by, detail }: Pick<AuditEntry, "act" | "by" | "detail">): string {
  // In other acts on operators, the details name the operator who was affected.
  const own = act === "operator.requested" || act === "operator.signed_in" || act === "operator.signed_out";
  return own && typeof detail.name === "string" ? `${detail.name} · ${by}` : by;
}

/** What an operator's request in the dashboard asked for, as `POST /console/keys`; null for other acts. */
export function askedOf({ act, detail: { method, path } }: Pick<AuditEntry, "act" | "detail">): string | null {
  return act === "operator.requested" && typeof method === "string" && typeof path === "string" ? `${method} ${path}` : null;
}

/**
 * The id before an entry's: a list of one row that ends before this id contains only the entry. An invalid id is
 * returned unchanged.
 */
export const idBefore = (id: string): string => id.replace(/^audit_(\d{1,15})$/, (_, number) => `audit_${Math.max(0, Number(number) - 1)}`);
