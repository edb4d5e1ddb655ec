import type Stripe from "stripe";
import { type MoneyObject, moneyKind } from "../money-object.ts";

export const REFUND = moneyKind("refund", "refund");

export type Refund = MoneyObject<Stripe.Refund, object>;
