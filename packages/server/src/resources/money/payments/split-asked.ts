import { apiError } from "@carabiner/protocol";

/** How a call asks for a charge's funds to be split: by the parameters of today, or by their older names. */
interface SplitGiven {
  application_fee?: number | undefined;
  application_fee_amount?: number | undefined;
  destination?: string | { account: string; amount?: number | undefined } | undefined;
  transfer_data?: { amount?: number | undefined; destination: string } | undefined;
}

/** The split that a call asks for. Throws `parameters_exclusive` for both names of one thing. */
export function splitAsked({ application_fee, application_fee_amount, destination, transfer_data }: SplitGiven) {
  if (application_fee !== undefined && application_fee_amount !== undefined)
    throw apiError("parameters_exclusive", { param: "application_fee", other: "application_fee_amount" });
  if (destination !== undefined && transfer_data !== undefined)
    throw apiError("parameters_exclusive", { param: "destination", other: "transfer_data" });
  return { applicationFee: application_fee_amount ?? application_fee ?? null, transferData: transferAsked(destination, transfer_data) };
}

function transferAsked(older: SplitGiven["destination"], newer: SplitGiven["transfer_data"]) {
  if (newer !== undefined) return { destination: newer.destination, amount: newer.amount ?? null };
  if (older === undefined) return null;
  return typeof older === "string" ? { destination: older, amount: null } : { destination: older.account, amount: older.amount ?? null };
}
