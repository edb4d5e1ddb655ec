import { apiError } from "@carabiner/protocol";
import { hashOf, mergeChange } from "../../operations/merge-change.ts";
import { findOwn } from "../../operations/object-kind.ts";
import type { OperationContext } from "../../operations/operation.ts";
import type { JsonObject, ObjectRow } from "../../store/contract/rows.ts";
import type { AccountWorld } from "../connected-account/state/account-world.ts";
import { inV1 } from "../connected-account/v2/correspondence.ts";
import { CUSTOMER_CORRESPONDENCES, taxLocation } from "../connected-account/v2/customer-configuration.ts";
import { CUSTOMER } from "../customer-state/customer-state.ts";
import { PAYMENT_METHOD, readPaymentMethod } from "../customers/payment-methods/payment-method.ts";
import type { V2AccountTold } from "./change-in-v1.ts";

type Told = NonNullable<V2AccountTold["configuration"]>["customer"];

/**
 * An account with the given data of its customer configuration. The first time, it becomes a customer of the platform
 * that created it. Throws `account_customer_refused` for another platform or mode, and for values that a schema cannot
 * refuse.
 */
export async function withCustomer(context: OperationContext, world: AccountWorld, told: Told): Promise<AccountWorld> {
  if (told === undefined) return world;
  checkOwner(context, world);
  await checkTold(context, world, told);
  const { row, state } = world.customer === null ? newCustomer(context, world) : { row: world.customer, state: world.state };
  const requested = told.applied === false ? false : told.capabilities?.automatic_indirect_tax?.requested;
  const change = inV1(CUSTOMER_CORRESPONDENCES, [], told as JsonObject);
  if (requested !== undefined) change.tax = { ...hashOf(change.tax), requested };
  const after = { ...world, state, customer: { ...row, data: withoutEmptyShipping(mergeChange(row.data, change)) } };
  const validate = (told.automatic_indirect_tax as { validate_location?: string } | null | undefined)?.validate_location;
  if (validate === "immediately" && taxLocation(after) === null)
    throw apiError("customer_tax_location_invalid", { param: "configuration[customer][automatic_indirect_tax][validate_location]" });
  return after;
}

/** Shipping details that were unset are null, not empty. */
function withoutEmptyShipping({ shipping, ...data }: JsonObject): JsonObject {
  const { address, ...rest } = hashOf(shipping);
  const filled = Object.keys(hashOf(address)).length > 0 || Object.keys(rest).length > 0;
  return filled && shipping !== undefined ? { ...data, shipping } : data;
}

/** A customer belongs to the platform that created its account, in the mode of the account. */
function checkOwner({ caller, account, livemode }: OperationContext, { row, state }: AccountWorld): void {
  const platform = row.id === account.id ? caller : account;
  const refuse = (reason: string) => apiError("account_customer_refused", { account: row.id, reason, param: "configuration[customer]" });
  if (state.createdBy !== platform.id) throw refuse("your platform did not create it");
  if (state.livemode !== livemode) throw refuse(`it was created in ${state.livemode ? "live" : "test"} mode`);
}

function newCustomer({ ids, now }: OperationContext, { state }: AccountWorld): { row: ObjectRow; state: AccountWorld["state"] } {
  const id = ids.newId("customer", now);
  return {
    row: {
      id,
      object: CUSTOMER.object,
      accountId: state.createdBy ?? "",
      livemode: state.livemode,
      parent: null,
      created: now,
      data: { deleted: false, invoice_prefix: ids.secret(8).toUpperCase() },
    },
    state: { ...state, configured: { ...state.configured, customer: id } },
  };
}

async function checkTold(context: OperationContext, { customer }: AccountWorld, told: NonNullable<Told>): Promise<void> {
  const at = (path: string) => `configuration[customer]${path}`;
  const prefix = told.billing?.invoice?.prefix;
  if (prefix !== undefined && !/^[A-Z0-9]{3,12}$/.test(prefix))
    throw apiError("parameter_invalid_string", { value: prefix, param: at("[billing][invoice][prefix]") });
  const method = told.billing?.default_payment_method;
  if (typeof method !== "string") return;
  const found =
    customer === null
      ? null
      : await findOwn({ ...context, account: { ...context.account, id: customer.accountId } }, PAYMENT_METHOD, method);
  if (found === null || readPaymentMethod(found).state.customer !== customer?.id)
    throw apiError("customer_without_payment_method", { id: method, param: at("[billing][default_payment_method]") });
}
