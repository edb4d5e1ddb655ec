import type { ObjectFilter } from "../../contract/transaction.ts";
import type { Condition } from "./read-page.ts";

/**
 * Fields by which a call finds one object among many while everyone else waits for its commit, with the kinds of
 * objects that have them. Each has an index named `objects_by_` and the field. The conditions are those of
 * `migrations.ts`.
 */
const LOOKED_UP = {
  by_code: ["promotion_code"],
  customer: ["payment_intent"],
  domain_name: ["payment_method_domain"],
  id: ["coupon", "price", "product"],
  lookup_key: ["price"],
  product: ["price"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** The index that finds objects, the conditions of its search, and the field that these use. */
export interface ObjectIndex {
  name: string;
  searched: readonly Condition[];
  field: string | null;
}

/** The narrowest index for a filter, in the order of ids. */
export function objectIndex({ accountId, livemode, object, parent, where = {} }: ObjectFilter): ObjectIndex {
  const searched: Condition[] = [
    ["account_id = ?", accountId],
    ["livemode = ?", Number(livemode)],
    ["object = ?", object],
  ];
  if (parent !== undefined) return { name: "objects_of_parent", searched: [...searched, ["parent = ?", parent]], field: null };
  for (const [field, objects] of Object.entries<readonly string[]>(LOOKED_UP)) {
    const value = where[field];
    if (value === undefined || !objects.includes(object)) continue;
    const kinds: Condition = [ofKinds(objects)];
    return { name: `objects_by_${field}`, searched: [...searched, kinds, [`data -> '$.${field}' = ?`, JSON.stringify(value)]], field };
  }
  return { name: "objects_listed", searched, field: null };
}

/** The condition of an index, as `migrations.ts` has it. */
function ofKinds([kind = "", ...more]: readonly string[]): string {
  if (more.length === 0) return `object IN ('${kind}')`;
  return `(${[kind, ...more].map((one) => `object = '${one}'`).join(" OR ")})`;
}
