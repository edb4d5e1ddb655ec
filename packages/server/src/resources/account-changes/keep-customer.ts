import { isDeepStrictEqual } from "node:util";
import type { EventDraft } from "../../events/event-draft.ts";
import { previousAttributes } from "../../events/previous-attributes.ts";
import { isHash } from "../../operations/merge-change.ts";
import type { ChangeContext } from "../../operations/operation.ts";
import type { Json, JsonObject, ObjectRow } from "../../store/contract/rows.ts";
import { derivedName } from "../connected-account/rendering/render-account.ts";
import type { AccountWorld } from "../connected-account/state/account-world.ts";
import { address } from "../connected-account/v2/conversions.ts";
import { partyOf } from "../connected-account/v2/customer-configuration.ts";
import { valueAt } from "../connected-account/v2/path.ts";
import { renderCustomer } from "../customer-state/customer-state.ts";

/** A customer after its account changed, and the events about that. */
interface KeptCustomer {
  customer: ObjectRow | null;
  drafts: EventDraft[];
}

/**
 * Writes the customer that an account is, with the data that it takes from the account, and drafts the events for the
 * platform whose customer it is.
 */
export async function keepCustomer({ tx }: Pick<ChangeContext, "tx">, was: ObjectRow | null, after: AccountWorld): Promise<KeptCustomer> {
  if (after.customer === null || after.customer.data.deleted === true) return { customer: after.customer, drafts: [] };
  const customer: ObjectRow = { ...after.customer, data: withAccount(after.customer.data, after) };
  if (was !== null && isDeepStrictEqual(was.data, customer.data)) return { customer, drafts: [] };
  if (was === null) await tx.insertObject(customer);
  else await tx.updateObject(customer);
  const account = await tx.account(customer.accountId);
  const object = renderCustomer(customer);
  const about = { livemode: customer.livemode, object };
  if (account === null) return { customer, drafts: [] };
  if (was === null) return { customer, drafts: [{ ...about, account, type: "customer.created" }] };
  const previous = previousAttributes(renderCustomer(was), object);
  return { customer, drafts: previous === null ? [] : [{ ...about, account, type: "customer.updated", previousAttributes: previous }] };
}

/**
 * A customer's data, including the data that it takes from its account.
 * Source: https://docs.stripe.com/connect/use-accounts-as-customers (the map of properties)
 */
function withAccount(data: JsonObject, world: AccountWorld): JsonObject {
  const { row, state } = world;
  const { given } = state;
  const party = partyOf(world);
  const found: Record<string, Json | undefined> = {
    address: isHash(party.address) ? address.toV1(party.address) : null,
    business_name: valueAt(given, "company.name"),
    customer_account: row.id,
    deactivated: state.configured.applied.customer === true ? undefined : true,
    email: given.email,
    metadata: given.metadata,
    name: valueAt(given, "settings.dashboard.display_name") ?? derivedName(given),
    phone: party.phone,
    preferred_locales: valueAt(given, "v2.defaults.locales"),
  };
  const after = { ...data };
  for (const [name, value] of Object.entries(found)) {
    if (value === undefined || value === null) delete after[name];
    else after[name] = value;
  }
  return after;
}

/** A customer that no longer belongs to an account, because the account left the platform. */
export function withoutAccount({ customer_account: _, deactivated: __, ...data }: JsonObject): JsonObject {
  return data;
}
