import { apiError } from "@carabiner/protocol";
import { transferAbout } from "../transfers/transfer-about.ts";

/** How a call asks for a charge's funds to be split: by the current parameters, or by their older names. */
interface SplitGiven {
  application_fee?: number | undefined;
  application_fee_amount?: number | undefined;
  destination?: string | { account: string; amount?: number | undefined } | undefined;
  transfer_data?: { amount?: number | undefined; description?: string | undefined; destination: string } | undefined;
}

/** The split that a call asks for. Throws `parameters_exclusive` when both names of one parameter are given. */
export function splitAsked({ application_fee, application_fee_amount, destination, transfer_data }: SplitGiven) {
  if (application_fee !== undefined && application_fee_amount !== undefined)
    throw apiError("parameters_exclusive", { param: "application_fee", other: "application_fee_amount" });
  if (destination !== undefined && transfer_data !== undefined)
    throw apiError("parameters_exclusive", { param: "destination", other: "transfer_data" });
  return { applicationFee: application_fee_amount ?? application_fee ?? null, transferData: transferAsked(destination, transfer_data) };
}

function transferAsked(older: SplitGiven["destination"], newer: SplitGiven["transfer_data"]) {
  if (newer !== undefined) {
    const { amount = null, description, destination } = newer;
    return { destination, amount, about: transferAbout(description === undefined ? {} : { description }) };
  }
  if (older === undefined) return null;
  const { account, amount = null } = typeof older === "string" ? { account: older } : older;
  return { destination: account, amount, about: transferAbout({}) };
}
