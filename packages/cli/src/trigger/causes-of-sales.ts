import type { EventType } from "@carabiner/protocol";
import type { Parameters } from "../api/api-client.ts";
import { type Cause, payee } from "./cause.ts";
import type { Stage } from "./stage.ts";

interface Identified {
  id: string;
}

const UPDATED = { metadata: { triggered: "yes" } };
const PRODUCT = { name: "Climbing rope" };
const COUPON = { percent_off: 25, duration: "once" };

/** A path of a new object; with `cause`, making it is what causes the event. */
type Make = (stage: Stage, cause: boolean) => Promise<string>;

function make(path: string, parameters: (stage: Stage) => Promise<Parameters>): Make {
  return async (stage, cause) => {
    const client = payee(stage);
    const given = await parameters(stage);
    const { id } = cause ? await stage.cause<Identified>(client, path, given) : await client.post<Identified>(path, given);
    return `${path}/${id}`;
  };
}

const idIn = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

const product = make("/v1/products", async () => PRODUCT);
const price = make("/v1/prices", async (stage) => ({
  product: idIn(await product(stage, false)),
  unit_amount: 1_500,
  currency: "usd",
}));
const plan = make("/v1/plans", async (stage) => ({
  product: idIn(await product(stage, false)),
  amount: 1_500,
  currency: "usd",
  interval: "month",
}));
const coupon = make("/v1/coupons", async () => COUPON);
const promotionCode = make("/v1/promotion_codes", async (stage) => ({
  promotion: { type: "coupon", coupon: idIn(await coupon(stage, false)) },
}));
const taxRate = make("/v1/tax_rates", async () => ({ display_name: "VAT", percentage: 20, inclusive: false }));
const checkoutSession = make("/v1/checkout/sessions", async (stage) => ({
  mode: "payment",
  line_items: [{ price: idIn(await price(stage, false)), quantity: 1 }],
  success_url: "https://example.com/success",
}));

const created = (what: string, object: Make): Cause => ({ what: `${what} was made`, run: (stage) => object(stage, true) });
const updated = (what: string, object: Make): Cause => ({
  what: `${what} was changed`,
  run: async (stage) => stage.cause(payee(stage), await object(stage, false), UPDATED),
});
const deleted = (what: string, object: Make): Cause => ({
  what: `${what} was deleted`,
  run: async (stage) => payee(stage).delete(await object(stage, false)),
});

/** What causes the events of products, prices, discounts, taxes and Checkout Sessions. */
export const CAUSES_OF_SALES: Partial<Record<EventType, Cause>> = {
  "checkout.session.completed": {
    what: "a customer paid on Checkout's page",
    async run(stage) {
      const client = payee(stage);
      const { id: payment_method } = await client.post<Identified>("/v1/payment_methods", {
        type: "card",
        card: { token: "tok_visa" },
        billing_details: { name: "Jenny Rosen", email: "jenny@example.com" },
      });
      const session = idIn(await checkoutSession(stage, true));
      await client.post(`/v1/payment_pages/${session}/confirm`, { payment_method });
    },
  },
  "checkout.session.expired": {
    what: "a Checkout Session was expired",
    async run(stage) {
      await payee(stage).post(`${await checkoutSession(stage, true)}/expire`);
    },
  },
  "coupon.created": created("a coupon", coupon),
  "coupon.deleted": deleted("a coupon", coupon),
  "coupon.updated": updated("a coupon", coupon),
  "plan.created": created("a plan", plan),
  "plan.deleted": deleted("a plan", plan),
  "plan.updated": updated("a plan", plan),
  "price.created": created("a price", price),
  "price.deleted": deleted("a plan, which is a price too,", plan),
  "price.updated": updated("a price", price),
  "product.created": created("a product", product),
  "product.deleted": deleted("a product", product),
  "product.updated": updated("a product", product),
  "promotion_code.created": created("a promotion code", promotionCode),
  "promotion_code.updated": updated("a promotion code", promotionCode),
  "tax_rate.created": created("a tax rate", taxRate),
  "tax_rate.updated": updated("a tax rate", taxRate),
};
