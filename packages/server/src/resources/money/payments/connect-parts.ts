import { apiError } from "@carabiner/protocol";
import type { OperationContext } from "../../../operations/operation.ts";
import { actingApplication } from "../../access/accessible-account.ts";
import { checkMayCharge, checkMayReceive, connectedAccountNamed } from "../may-take-part.ts";
import type { TransferAbout } from "../transfers/transfer-about.ts";
import type { ConnectParts } from "./make-charge.ts";

/** The parameters for the other accounts involved in a charge. */
export interface PartsGiven {
  amount: number;
  applicationFee: number | null;
  onBehalfOf: string | null;
  transferData: { destination: string; amount: number | null; about: TransferAbout } | null;
}

/**
 * The accounts involved in a charge. A direct charge is made on a connected account with `Stripe-Account`. A
 * destination charge is made on the platform, which transfers the funds. Throws for accounts that cannot charge or
 * receive transfers, and for an application fee without a platform to collect it.
 * Source: https://docs.stripe.com/connect/charges
 */
export async function connectParts(context: OperationContext, given: PartsGiven): Promise<ConnectParts> {
  const { account, caller } = context;
  checkMayCharge(context, account);
  const onBehalfOf = given.onBehalfOf === null ? null : await connectedAccountNamed(context, given.onBehalfOf, "on_behalf_of");
  if (onBehalfOf !== null) checkMayCharge(context, onBehalfOf);
  const { transferData } = given;
  const param = "transfer_data[destination]";
  const destination = transferData === null ? null : await connectedAccountNamed(context, transferData.destination, param);
  if (destination !== null) checkMayReceive(context, destination, param);
  const transferAmount = transferData?.amount ?? null;
  if (transferAmount !== null && transferAmount > given.amount)
    throw apiError("application_fee_too_large", { max: given.amount, param: "transfer_data[amount]" });
  return {
    onBehalfOf,
    transfer: destination === null || transferData === null ? null : { destination, amount: transferAmount, about: transferData.about },
    applicationFee: await applicationFee(),
  };

  async function applicationFee(): Promise<ConnectParts["applicationFee"]> {
    const { applicationFee: amount } = given;
    const param = "application_fee_amount";
    if (amount === null || amount === 0) return null;
    const application = destination === null ? (account.id === caller.id ? null : context.application) : await actingApplication(context);
    if (application === null) throw apiError("application_fee_needs_account", { param });
    if (transferAmount !== null) throw apiError("parameters_exclusive", { param, other: "transfer_data[amount]" });
    if (amount > given.amount) throw apiError("application_fee_too_large", { max: given.amount, param });
    return { amount, application };
  }
}
