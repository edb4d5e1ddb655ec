import { apiError } from "@carabiner/protocol";
import { insertOwn, type ObjectKind } from "../../operations/object-kind.ts";
import type { OperationContext } from "../../operations/operation.ts";
import type { JsonObject, ObjectRow } from "../../store/contract/rows.ts";

/** A DNS name with at least two labels, such as a website's. */
const DOMAIN_NAME = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/;

/** Registers a domain once. Registering it again returns the same object. Throws `domain_name_invalid`. */
export async function registerDomain(
  context: OperationContext,
  kind: ObjectKind,
  idKind: "apple_pay_domain" | "payment_method_domain",
  { domain_name, ...more }: JsonObject & { domain_name: string },
): Promise<ObjectRow> {
  const { tx, account, livemode, ids, now } = context;
  const name = domain_name.toLowerCase();
  if (!DOMAIN_NAME.test(name)) throw apiError("domain_name_invalid", { value: domain_name.slice(0, 80), param: "domain_name" });
  const where = { domain_name: name };
  const { rows } = await tx.objects({ object: kind.object, accountId: account.id, livemode, where }, { limit: 1 });
  return rows[0] ?? insertOwn(context, kind, { id: ids.newId(idKind, now), account, data: { domain_name: name, ...more } });
}
