import { API_ERRORS } from "../../packages/protocol/src/index.ts";
import { PAYMENT_TEST_CARDS } from "../../packages/server/src/resources/customers/payment-methods/test-cards.ts";
import type { DocumentTable } from "./table.ts";

const code = (text: string): string => `\`${text}\``;

/** The table of cards that pay in test mode. */
export function paymentCardTables(): DocumentTable[] {
  return [
    {
      file: "docs/test-values.md",
      name: "test payment cards",
      heads: ["Number", "Names behind `pm_card_` and `tok_`", "Card", "What becomes of it"],
      rows: PAYMENT_TEST_CARDS.map((card) => [
        code(card.number),
        card.names.map(code).join(", "),
        `${card.brand ?? "visa"} ${card.funding ?? "credit"}, ${card.country ?? "US"}`,
        meaningOf(card),
      ]),
    },
  ];
}

function meaningOf(card: (typeof PAYMENT_TEST_CARDS)[number]): string {
  const { checks, decline, declineOffSession, dispute, threshold } = card;
  if (decline !== undefined) {
    const why = code(decline.declineCode ?? API_ERRORS[decline.error].code);
    if (card.declinesCvc) return `pays, but is declined when a security code is given: ${why}`;
    return card.savable ? `can be saved, and its charges are declined: ${why}` : `is declined when it is charged or saved: ${why}`;
  }
  if (dispute !== undefined)
    return dispute.caseType === "inquiry"
      ? `pays, and its holder's bank asks about it: ${code(dispute.reason)}`
      : `pays, and its holder disputes it: ${code(dispute.reason)}`;
  if (threshold !== undefined) return `pays, and the account it pays crosses a threshold: ${code(threshold)}`;
  if (card.setUpForOffSession) return "its holder has to be asked, but for payments with `off_session`";
  if (card.needsAuthentication)
    return `its holder has to be asked; declined with \`off_session\`: ${code(declineOffSession?.declineCode ?? "authentication_required")}`;
  if (checks !== undefined) {
    const parts = [
      ...(checks.line1 === undefined ? [] : ["the first line"]),
      ...(checks.postalCode === undefined ? [] : ["the postal code"]),
    ];
    return `pays; the check of ${parts.join(" and ")} of a given address is ${code(checks.line1 ?? checks.postalCode ?? "")}`;
  }
  return card.bypassesPending ? "pays, and the funds are available at once" : "pays";
}
