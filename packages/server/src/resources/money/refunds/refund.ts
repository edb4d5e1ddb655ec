import type Stripe from "stripe";
import type { MoneyKind, MoneyObject } from "../money-object.ts";

export const REFUND: MoneyKind = { object: "refund", name: "refund", url: "/v1/refunds" };

export type Refund = MoneyObject<Stripe.Refund, object>;
