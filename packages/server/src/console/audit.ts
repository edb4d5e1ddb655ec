import { apiError } from "@carabiner/protocol";
import type { Static } from "typebox";
import type { Limits } from "../limits.ts";
import { operation, type Resource } from "../operations/operation.ts";
import { operatorCall } from "../operations/operator-call.ts";
import { pageAsked } from "../operations/page-asked.ts";
import { listAnswer, optional, pageProperties, params, text, timestamp } from "../operations/parameters.ts";
import { timeRange } from "../operations/time-range.ts";
import type { AuditRow, JsonObject } from "../store/contract/rows.ts";
import type { Page, Reads } from "../store/contract/transaction.ts";

/** How an entry's number appears as its id. */
const AUDIT_ID = /^audit_(\d{1,15})$/;

const AUDIT_PARAMS = params({
  ...pageProperties,
  account: optional(text(64)),
  /** An act, such as `key.rolled`, or a group of them: `key.*`. */
  act: optional(text(64)),
  /** Who did it, as named in entries. */
  by: optional(text(128)),
  /** What it affects. */
  subject: optional(text(4_096)),
  since: optional(timestamp()),
  until: optional(timestamp()),
});

/** The audit log as a call for operators. */
export const operatorAudit = operatorCall({
  method: "GET",
  path: "/operator/audit",
  params: AUDIT_PARAMS,
  run: ({ store, limits }, given) => store.read((reads) => listAudit(reads, "/operator/audit", given, limits)),
});

/** The same in a session of the dashboard that an operator opened. Platforms' keys cannot see it. */
export const audit: Resource = {
  object: "audit_entry",
  expandable: {},
  operations: [
    operation({
      method: "GET",
      path: "/console/audit",
      params: AUDIT_PARAMS,
      run({ tx, limits, byOperator }, given) {
        if (!byOperator) throw apiError("operator_session_required");
        return listAudit(tx, "/console/audit", given, limits);
      },
    }),
  ],
};

async function listAudit(
  reads: Pick<Reads, "audit">,
  url: string,
  { account, act, by, subject, since, until, ...given }: Static<typeof AUDIT_PARAMS>,
  limits: Limits,
): Promise<JsonObject> {
  const asked = await pageAsked(given, limits, { name: "audit entry", knows: async (id) => AUDIT_ID.test(id) });
  const numbers = Object.entries(asked).map(([name, value]) => [name, typeof value === "string" ? AUDIT_ID.exec(value)?.[1] : value]);
  const { rows, hasMore } = await reads.audit(
    {
      ...(account === undefined ? {} : { accountId: account }),
      ...(act === undefined ? {} : { act }),
      ...(by === undefined ? {} : { by }),
      ...(subject === undefined ? {} : { subject }),
      at: timeRange({ ...(since === undefined ? {} : { gte: since }), ...(until === undefined ? {} : { lte: until }) }),
    },
    Object.fromEntries(numbers) as Page,
  );
  return listAnswer(url, rows.map(auditAnswer), hasMore);
}

function auditAnswer({ id, at, act, accountId, subject, by, from, detail }: AuditRow): JsonObject {
  return {
    id: `audit_${id}`,
    object: "audit_entry",
    account: accountId,
    act,
    by,
    created: Math.floor(at / 1_000),
    detail,
    from,
    subject,
  };
}
