import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import { asJson } from "../../../operations/as-json.ts";
import { coversStripeParams } from "../../../operations/covers-stripe-params.ts";
import { inFull } from "../../../operations/expandable.ts";
import { listOwn } from "../../../operations/object-kind.ts";
import { type OperationContext, operation, type Resource } from "../../../operations/operation.ts";
import {
  choice,
  clearableText,
  integer,
  mergeMetadata,
  metadata,
  optional,
  pageProperties,
  params,
  text,
  timeFilter,
} from "../../../operations/parameters.ts";
import { seconds, timeRange } from "../../../operations/time-range.ts";
import { expandBalanceTransaction } from "../../balance/balance-transaction.ts";
import { checkAmount, currencyGiven } from "../../balance/currency.ts";
import { changeMoneyObject, insertMoneyObject, newIdentity, ownMoneyObject } from "../money-object.ts";
import { TOPUP_TASK } from "./settle-topup.ts";
import { TOPUP, TOPUP_SOURCES, type Topup, type TopupKept } from "./topup.ts";

const topupNamed = (context: OperationContext, { topup = "" }: Readonly<Record<string, string>>): Promise<Topup> =>
  ownMoneyObject(context, TOPUP, topup);

/** Top-ups: an account adds funds from its bank to its balance. Source: https://docs.stripe.com/api/topups */
export const topups: Resource = {
  object: TOPUP.object,
  expandable: { balance_transaction: expandBalanceTransaction, payment_method: null, source: inFull("source") },
  operations: [
    operation({
      method: "POST",
      path: "/v1/topups",
      params: coversStripeParams<Stripe.TopupCreateParams>()(
        params({
          amount: integer(),
          currency: text(),
          description: optional(text(1_000)),
          metadata: optional(metadata()),
          source: optional(text()),
          statement_descriptor: optional(text(15)),
          transfer_group: optional(text()),
        }),
        ["payment_method", "payment_method_options"],
      ),
      async run(context, given) {
        const { tx, account, livemode, now, limits } = context;
        const currency = currencyGiven(given.currency);
        checkAmount(given.amount, currency, limits);
        const { source } = given;
        const failure = source === undefined ? null : livemode ? undefined : TOPUP_SOURCES.get(source);
        if (failure === undefined) throw apiError("resource_missing", { object: "source", id: source ?? "", param: "source" });
        const arrivesAt = now + (livemode ? limits.topupArrivalMs : limits.testTopupArrivalMs);
        const shown = {
          ...newIdentity(context, "topup"),
          object: "topup",
          amount: given.amount,
          balance_transaction: null,
          currency,
          description: given.description ?? null,
          expected_availability_date: seconds(arrivesAt),
          failure_code: null,
          failure_message: null,
          initiated_by: "user",
          metadata: mergeMetadata({}, given.metadata),
          source: source === undefined ? null : sourceShown(context, currency),
          statement_descriptor: given.statement_descriptor ?? null,
          status: "pending",
          transfer_group: given.transfer_group ?? null,
        } satisfies Stripe.Topup;
        const kept: TopupKept = { failure };
        await insertMoneyObject(context, account, TOPUP.object, { shown, kept });
        await context.record([{ account, livemode, type: "topup.created", object: asJson(shown) }]);
        await tx.scheduleTask({ accountId: account.id, livemode, kind: TOPUP_TASK, subject: shown.id, dueAt: arrivesAt });
        return asJson(shown);
      },
    }),
    operation({
      method: "GET",
      path: "/v1/topups",
      params: coversStripeParams<Stripe.TopupListParams>()(
        params({
          ...pageProperties,
          created: optional(timeFilter()),
          status: optional(choice(["canceled", "failed", "pending", "succeeded"])),
        }),
        ["amount"],
      ),
      run: (context, { created, status, expand: _, ...page }) =>
        listOwn(context, TOPUP, {
          url: "/v1/topups",
          page,
          where: { status },
          created: timeRange(created),
        }),
    }),
    operation({
      method: "GET",
      path: "/v1/topups/:topup",
      params: coversStripeParams<Stripe.TopupRetrieveParams>()(params({})),
      run: async (context, _, path) => asJson((await topupNamed(context, path)).shown),
    }),
    operation({
      method: "POST",
      path: "/v1/topups/:topup",
      params: coversStripeParams<Stripe.TopupUpdateParams>()(
        params({ description: optional(clearableText(1_000)), metadata: optional(metadata()) }),
      ),
      async run(context, { description, metadata }, path) {
        const topup = await topupNamed(context, path);
        const { after } = await changeMoneyObject(context, topup, {
          ...(description === undefined ? {} : { description }),
          metadata: mergeMetadata(topup.shown.metadata, metadata),
        });
        return asJson(after.shown);
      },
    }),
    operation({
      method: "POST",
      path: "/v1/topups/:topup/cancel",
      params: coversStripeParams<Stripe.TopupCancelParams>()(params({})),
      async run(context, _, path) {
        const { tx, account, livemode } = context;
        const topup = await topupNamed(context, path);
        const { id, status } = topup.shown;
        if (status !== "pending") throw apiError("topup_not_cancelable", { topup: id, status });
        await tx.cancelTask({ accountId: account.id, livemode, kind: TOPUP_TASK, subject: id });
        const { after } = await changeMoneyObject(context, topup, { status: "canceled" });
        await context.record([{ account, livemode, type: "topup.canceled", object: asJson(after.shown) }]);
        return asJson(after.shown);
      },
    }),
  ],
};

/** Renders the bank account a top-up comes from: the one of the test numbers. */
function sourceShown({ ids, now, livemode }: OperationContext, currency: string): Stripe.Source {
  const id = ids.newId("source", now);
  return {
    id,
    object: "source",
    ach_debit: {
      bank_name: "STRIPE TEST BANK",
      country: "US",
      fingerprint: null,
      last4: "6789",
      routing_number: "110000000",
      type: "individual",
    },
    allow_redisplay: null,
    amount: null,
    client_secret: `${id}_secret_${ids.secret(24)}`,
    created: seconds(now),
    currency,
    flow: "code_verification",
    livemode,
    metadata: {},
    owner: null,
    statement_descriptor: null,
    status: "chargeable",
    type: "ach_debit",
    usage: "reusable",
  };
}
