import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../../src/index.ts";
import { platformOfItsOwn, refusal } from "../../../platform-of-its-own.ts";
import { png } from "../../files/image-fixtures.ts";
import { payableAccount } from "../payable-account.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

const asked = { amount: 2_000, currency: "usd" } as const;
const DAY = 24 * 3_600;
const told = async (stripe: Stripe, as?: Stripe.RequestOptions) =>
  (await stripe.events.list({ limit: 100 }, as)).data.map(({ type }) => type).reverse();
const disputed = async (stripe: Stripe, payment_method = "pm_card_createDispute", as?: Stripe.RequestOptions) => {
  const intent = await stripe.paymentIntents.create({ ...asked, payment_method, confirm: true }, as);
  const [dispute] = (await stripe.disputes.list({ payment_intent: intent.id }, as)).data as [Stripe.Dispute];
  return { charge: intent.latest_charge as string, dispute };
};
const reviewed = () => server.clock.advance({ seconds: 10 });

describe("a dispute", () => {
  test("takes back what was charged, with a fee, as soon as it is charged", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { charge, dispute } = await disputed(stripe);
    expect(dispute).toMatchObject({
      object: "dispute",
      amount: 2_000,
      charge,
      currency: "usd",
      reason: "fraudulent",
      status: "needs_response",
      is_charge_refundable: false,
      evidence_details: { has_evidence: false, past_due: false, submission_count: 0, submission_method: "not_submitted" },
      payment_method_details: { type: "card", card: { brand: "visa", case_type: "chargeback", network_reason_code: "10.4" } },
      balance_transactions: [
        {
          amount: -2_000,
          fee: 1_500,
          net: -3_500,
          type: "adjustment",
          reporting_category: "dispute",
          source: dispute.id,
          status: "available",
          description: `Chargeback withdrawal for ${charge}`,
          fee_details: [{ amount: 1_500, description: "Dispute fee", type: "stripe_fee" }],
        },
      ],
    });
    expect(dispute.id).toMatch(/^du_\w{24}$/);
    const due = new Date((dispute.evidence_details.due_by ?? 0) * 1_000);
    expect(due.toISOString()).toMatch(/T23:59:59/);
    expect(await stripe.charges.retrieve(charge)).toMatchObject({ disputed: true, refunded: false, paid: true });
    expect((await stripe.balance.retrieve()).available[0]?.amount).toBe(-3_500);
    expect(await told(stripe)).toEqual([
      "payment_intent.created",
      "charge.succeeded",
      "charge.dispute.created",
      "charge.dispute.funds_withdrawn",
      "charge.updated",
      "payment_intent.succeeded",
    ]);
    expect(await stripe.disputes.retrieve(dispute.id, { expand: ["charge", "payment_intent"] })).toMatchObject({
      charge: { id: charge },
      payment_intent: { object: "payment_intent" },
    });
    const [transaction] = dispute.balance_transactions;
    expect(await stripe.balanceTransactions.retrieve(transaction?.id ?? "", { expand: ["source"] })).toMatchObject({
      source: { id: dispute.id, object: "dispute" },
    });
    expect((await stripe.disputes.list({ charge })).data).toHaveLength(1);
    expect((await stripe.disputes.list({ charge: "ch_none" })).data).toEqual([]);
    expect(await refusal(stripe.refunds.create({ charge }))).toMatchObject({
      status: 400,
      code: "charge_disputed",
      message: `Charge ${charge} has been charged back; cannot issue a refund.`,
    });
  });

  test("is won by winning evidence, which gives back all but the fee", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { charge, dispute } = await disputed(stripe);
    const submitted = await stripe.disputes.update(dispute.id, { evidence: { uncategorized_text: "winning_evidence" } });
    expect(submitted).toMatchObject({
      status: "under_review",
      evidence: { uncategorized_text: "winning_evidence", receipt: null },
      evidence_details: { has_evidence: true, submission_count: 1, submission_method: "manual" },
    });
    await reviewed();
    const won = await stripe.disputes.retrieve(dispute.id);
    expect(won).toMatchObject({
      status: "won",
      is_charge_refundable: true,
      balance_transactions: [
        { amount: -2_000 },
        { amount: 2_000, fee: 0, net: 2_000, type: "adjustment", reporting_category: "dispute_reversal" },
      ],
    });
    expect((await stripe.balance.retrieve()).available[0]?.amount).toBe(-1_500);
    expect((await told(stripe)).slice(6)).toEqual([
      "charge.dispute.updated",
      "charge.dispute.funds_reinstated",
      "charge.dispute.closed",
      "balance.available",
    ]);
    const [event] = (await stripe.events.list({ type: "charge.dispute.updated" })).data;
    expect(event?.data.previous_attributes).toMatchObject({ status: "needs_response", evidence: { uncategorized_text: null } });
    for (const call of [() => stripe.disputes.update(dispute.id, { metadata: { a: "b" } }), () => stripe.disputes.close(dispute.id)])
      expect(await refusal(call())).toMatchObject({ status: 400, message: "This dispute is already closed" });
    expect(await stripe.refunds.create({ charge })).toMatchObject({ status: "succeeded" });
    expect(await stripe.charges.retrieve(charge)).toMatchObject({ disputed: true, refunded: true });
  });

  test("is lost by losing evidence, by giving up, and by saying nothing in time", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const [losing, closing, late] = [await disputed(stripe), await disputed(stripe), await disputed(stripe)];
    await stripe.disputes.update(losing.dispute.id, { evidence: { uncategorized_text: "losing_evidence" } });
    expect(await stripe.disputes.close(closing.dispute.id)).toMatchObject({ status: "lost", is_charge_refundable: false });
    await reviewed();
    expect(await stripe.disputes.retrieve(losing.dispute.id)).toMatchObject({ status: "lost", evidence_details: { past_due: false } });
    expect(await stripe.disputes.retrieve(late.dispute.id)).toMatchObject({ status: "needs_response" });
    await server.clock.advance({ seconds: 10 * DAY });
    expect(await stripe.disputes.retrieve(late.dispute.id)).toMatchObject({ status: "lost", evidence_details: { past_due: true } });
    expect((await told(stripe)).filter((type) => type === "charge.dispute.closed")).toHaveLength(3);
    expect((await told(stripe)).filter((type) => type === "charge.dispute.funds_reinstated")).toEqual([]);
  });

  test("keeps evidence that is not submitted, and stays under review with evidence that says nothing", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { dispute } = await disputed(stripe, "pm_card_createDisputeProductNotReceived");
    expect(dispute).toMatchObject({
      reason: "product_not_received",
      payment_method_details: { card: { network_reason_code: "13.1" } },
    });
    const staged = await stripe.disputes.update(dispute.id, { evidence: { shipping_carrier: "Post" }, submit: false });
    expect(staged).toMatchObject({ status: "needs_response", evidence_details: { has_evidence: true, submission_count: 0 } });
    const noted = await stripe.disputes.update(dispute.id, { metadata: { case: "1" } });
    expect(noted).toMatchObject({ status: "needs_response", metadata: { case: "1" }, evidence: { shipping_carrier: "Post" } });
    const pdf = Buffer.from("%PDF-1.4\n%%EOF\n");
    const file = await stripe.files.create({
      purpose: "dispute_evidence",
      file: { data: pdf, name: "receipt.pdf", type: "application/pdf" },
    });
    const submitted = await stripe.disputes.update(dispute.id, { evidence: { receipt: file.id }, submit: true });
    expect(submitted).toMatchObject({ status: "under_review", evidence: { receipt: file.id, shipping_carrier: "Post" } });
    const { data } = await stripe.disputes.list({ expand: ["data.evidence.receipt", "data.evidence.uncategorized_file"] });
    expect(data[0]?.evidence).toMatchObject({ receipt: { id: file.id, object: "file" }, uncategorized_file: null });
    await server.clock.advance({ seconds: 90 * DAY });
    expect(await stripe.disputes.retrieve(dispute.id)).toMatchObject({ status: "under_review" });
  });

  test("that only asks takes nothing back, and may be refunded, closed, or become one that does", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const inquiry = () => disputed(stripe, "pm_card_createDisputeInquiry");
    const [first, second, third] = [await inquiry(), await inquiry(), await inquiry()];
    expect(first.dispute).toMatchObject({
      status: "warning_needs_response",
      is_charge_refundable: true,
      balance_transactions: [],
      payment_method_details: { card: { case_type: "inquiry", network_reason_code: "10" } },
    });
    expect((await told(stripe)).slice(0, 5)).toEqual([
      "payment_intent.created",
      "charge.succeeded",
      "charge.dispute.created",
      "charge.updated",
      "payment_intent.succeeded",
    ]);
    expect(await stripe.refunds.create({ charge: first.charge, amount: 500 })).toMatchObject({ status: "succeeded" });
    expect(await stripe.disputes.close(first.dispute.id)).toMatchObject({ status: "warning_closed" });
    expect(await stripe.disputes.update(second.dispute.id, { evidence: { uncategorized_text: "losing_evidence" } })).toMatchObject({
      status: "warning_under_review",
    });
    await stripe.disputes.update(third.dispute.id, { evidence: { uncategorized_text: "escalate_inquiry_evidence" } });
    await reviewed();
    expect(await stripe.disputes.retrieve(second.dispute.id)).toMatchObject({ status: "warning_closed", balance_transactions: [] });
    expect(await stripe.disputes.retrieve(third.dispute.id)).toMatchObject({
      status: "needs_response",
      is_charge_refundable: false,
      balance_transactions: [{ amount: -2_000, fee: 1_500 }],
      payment_method_details: { card: { case_type: "chargeback", network_reason_code: "10.4" } },
    });
    // What is a chargeback already takes nothing back a second time.
    await stripe.disputes.update(third.dispute.id, { evidence: { uncategorized_text: "escalate_inquiry_evidence" } });
    await reviewed();
    expect(await stripe.disputes.retrieve(third.dispute.id)).toMatchObject({
      status: "under_review",
      balance_transactions: [{ amount: -2_000 }],
    });
    await stripe.disputes.update(third.dispute.id, { evidence: { uncategorized_text: "winning_evidence" } });
    await reviewed();
    expect(await stripe.disputes.retrieve(third.dispute.id)).toMatchObject({ status: "won" });
    const ofThird = (await stripe.events.list({ limit: 100 })).data.filter(
      ({ data }) => (data.object as { id?: string }).id === third.dispute.id,
    );
    expect(ofThird.map(({ type }) => type).reverse()).toEqual([
      "charge.dispute.created",
      "charge.dispute.updated",
      "charge.dispute.updated",
      "charge.dispute.funds_withdrawn",
      "charge.dispute.updated",
      "charge.dispute.updated",
      "charge.dispute.funds_reinstated",
      "charge.dispute.closed",
    ]);
  });

  test("begins when the charge is captured, with what was captured, and shows by the charge's path", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const held = await stripe.charges.create({ ...asked, source: "tok_createDispute", capture: false });
    expect(held.disputed).toBe(false);
    expect((await stripe.disputes.list()).data).toEqual([]);
    expect(await stripe.charges.capture(held.id, { amount: 1_500 })).toMatchObject({ disputed: true, amount_captured: 1_500 });
    const path = `/v1/charges/${held.id}/dispute`;
    const found = (await stripe.rawRequest("GET", path)) as unknown as Stripe.Dispute;
    expect(found).toMatchObject({ object: "dispute", amount: 1_500, charge: held.id, payment_intent: null });
    expect(await stripe.rawRequest("POST", path, { metadata: { a: "b" } })).toMatchObject({ id: found.id, metadata: { a: "b" } });
    expect(await stripe.rawRequest("POST", `${path}/close`, {})).toMatchObject({ status: "lost" });
    const { id: fine } = await stripe.charges.create({ ...asked, source: "tok_visa" });
    expect(await refusal(stripe.rawRequest("GET", `/v1/charges/${fine}/dispute`) as unknown as Promise<unknown>)).toMatchObject({
      status: 404,
      message: `No dispute for charge: ${fine}`,
    });
  });

  test("is refused where it is answered wrongly, and nothing changes", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { dispute } = await disputed(stripe);
    const before = await told(stripe);
    const image = { data: Buffer.from(png(1, 1)), name: "signature.png", type: "image/png" };
    const logo = await stripe.files.create({ purpose: "customer_signature", file: image });
    const refused: [Stripe.DisputeUpdateParams, object][] = [
      [{ submit: true }, { status: 400, param: "evidence" }],
      [{ evidence: { receipt: "file_none" } }, { status: 400, code: "resource_missing", param: "evidence[receipt]" }],
      [{ evidence: { receipt: logo.id } }, { status: 400, code: "resource_missing", param: "evidence[receipt]" }],
      [{ evidence: { uncategorized_text: "x".repeat(20_001) } }, { status: 400, param: "evidence[uncategorized_text]" }],
      [{ evidence: { surprise: "x" } as never }, { status: 400, code: "parameter_unknown", param: "evidence[surprise]" }],
      [
        {
          evidence: Object.fromEntries(
            [
              "access_activity_log",
              "cancellation_policy_disclosure",
              "cancellation_rebuttal",
              "duplicate_charge_explanation",
              "product_description",
              "refund_policy_disclosure",
              "refund_refusal_explanation",
              "uncategorized_text",
            ].map((name) => [name, "x".repeat(19_000)]),
          ),
        },
        { status: 400, param: "evidence" },
      ],
    ];
    for (const [params, error] of refused) expect(await refusal(stripe.disputes.update(dispute.id, params))).toMatchObject(error);
    expect(await refusal(stripe.disputes.retrieve("du_none"))).toMatchObject({
      status: 404,
      param: "dispute",
      message: "No such dispute: 'du_none'",
    });
    expect(await stripe.disputes.retrieve(dispute.id)).toEqual(
      expect.objectContaining({ evidence: dispute.evidence, status: "needs_response" }),
    );
    expect((await told(stripe)).filter((type) => !type.startsWith("file."))).toEqual(before);
  });
});

describe("a dispute of a Connect charge", () => {
  test("of a direct one debits the connected account, and tells its Connect endpoints", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const connected = await payableAccount(server, { stripe });
    const { dispute } = await disputed(stripe, "pm_card_createDispute", connected.as);
    expect((await stripe.disputes.list()).data).toEqual([]);
    expect(await refusal(stripe.disputes.retrieve(dispute.id))).toMatchObject({ status: 404 });
    const [event] = (await stripe.events.list({ type: "charge.dispute.created" }, connected.as)).data;
    expect(event).toMatchObject({ account: connected.id, data: { object: { id: dispute.id } } });
    expect((await told(stripe)).filter((type) => type.startsWith("charge."))).toEqual([]);
    expect((await stripe.balance.retrieve({}, connected.as)).available[0]?.amount).toBe(dispute.balance_transactions[0]?.net);
    await stripe.disputes.update(dispute.id, { evidence: { uncategorized_text: "winning_evidence" } }, connected.as);
    await reviewed();
    expect(await stripe.disputes.retrieve(dispute.id, {}, connected.as)).toMatchObject({ status: "won" });
  });

  test("of a direct one costs the platform its fee, where that pays the account's fees", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id } = await stripe.accounts.create({
      controller: {
        fees: { payer: "application" },
        losses: { payments: "application" },
        requirement_collection: "application",
        stripe_dashboard: { type: "none" },
      },
      capabilities: { card_payments: { requested: true }, transfers: { requested: true } },
    });
    const as = { stripeAccount: id };
    const { dispute } = await disputed(stripe, "pm_card_createDispute", as);
    expect(dispute.balance_transactions).toMatchObject([{ amount: -2_000, fee: 0, net: -2_000 }]);
    const costs = (await stripe.balanceTransactions.list({ type: "stripe_fee" })).data.map(({ amount, source }) => [amount, source]);
    expect(costs).toContainEqual([-1_500, dispute.id]);
    const { dispute: inquiry } = await disputed(stripe, "pm_card_createDisputeInquiry", as);
    await stripe.disputes.update(inquiry.id, { evidence: { uncategorized_text: "escalate_inquiry_evidence" } }, as);
    await reviewed();
    expect(await stripe.disputes.retrieve(inquiry.id, {}, as)).toMatchObject({ balance_transactions: [{ fee: 0, net: -2_000 }] });
    expect((await stripe.balanceTransactions.list({ type: "stripe_fee" })).data.map(({ source }) => source)).toContain(inquiry.id);
  });

  test("of a destination one debits the platform, and leaves the transfer to it", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const connected = await payableAccount(server, { stripe });
    const intent = await stripe.paymentIntents.create({
      ...asked,
      payment_method: "pm_card_createDispute",
      confirm: true,
      application_fee_amount: 200,
      transfer_data: { destination: connected.id },
      expand: ["latest_charge"],
    });
    const charge = intent.latest_charge as Stripe.Charge;
    const [dispute] = (await stripe.disputes.list({ payment_intent: intent.id })).data;
    expect(dispute).toMatchObject({ amount: 2_000, balance_transactions: [{ net: -3_500 }] });
    expect((await stripe.disputes.list({}, connected.as)).data).toEqual([]);
    expect((await told(stripe, connected.as)).filter((type) => type.startsWith("charge.dispute"))).toEqual([]);
    const transfer = await stripe.transfers.retrieve(charge.transfer as string);
    expect(transfer).toMatchObject({ amount_reversed: 0 });
    await stripe.transfers.createReversal(transfer.id);
    expect(await stripe.transfers.retrieve(transfer.id)).toMatchObject({ reversed: true });
  });
});
