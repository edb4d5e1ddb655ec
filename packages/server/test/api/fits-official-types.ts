import { objectClassOf } from "@carabiner/protocol";
import type Stripe from "stripe";
import { officialTypeErrors } from "../official-types.ts";

/** The classes of the official package by the `object` values of answers. */
const CLASSES: Readonly<Record<string, string>> = {
  balance_transaction: "BalanceTransaction",
  card: "Card",
  charge: "Charge",
  customer: "Customer | Stripe.DeletedCustomer",
  dispute: "Dispute",
  payment_intent: "PaymentIntent",
  payment_method: "PaymentMethod",
  refund: "Refund",
  setup_attempt: "SetupAttempt",
  setup_intent: "SetupIntent",
};

type Answered = Readonly<Record<string, unknown>> & { object: string };

/**
 * Compares answers and events, as they came, with the official package's types: each is written down as a literal, and
 * the compiler says which has a field too few, too many, or of another type. Returns what it says; nothing when all
 * fit.
 */
export async function misfits(answers: readonly Answered[], events: readonly Stripe.Event[]): Promise<string> {
  const rows = answers.flatMap((answer) => (answer.object === "list" ? (answer.data as Answered[]) : [answer]));
  const literals = [
    ...rows.map((row) => [CLASSES[row.object] ?? `Unknown_${row.object}`, row] as const),
    ...events.map(({ type, data }) => [objectClassOf(type as Parameters<typeof objectClassOf>[0]), data.object] as const),
  ];
  return (await officialTypeErrors(literals.map(([type, value]) => ({ type, value })))).join("\n");
}
