/** The price of a line item, before discounts and taxes. */
export interface Priced {
  /** In the smallest unit; may have a fraction: `1050`, `10.5`. */
  unitAmount: string;
  quantity: number;
  /** Several units sold as one: the quantity is divided first. */
  transform: { divide_by: number; round: string } | null;
  product: string;
  taxRates: readonly { percentage: number; inclusive: boolean }[];
}

/** The discount of a coupon. */
export interface TakenOff {
  percent: number | null;
  /** In the smallest unit. */
  amount: number | null;
  /** The products it applies to; null for all. */
  products: readonly string[] | null;
}

/** Amounts in the smallest unit of the currency. */
export interface Amounts {
  subtotal: number;
  discount: number;
  tax: number;
  total: number;
}

/**
 * The total of all line items, and of each. A discount is split in proportion over the items it applies to, without a
 * remainder. Taxes apply to the discounted amounts.
 * Source: https://docs.stripe.com/payments/checkout/taxes
 */
export function amountsOf(items: readonly Priced[], off: TakenOff | null): { items: Amounts[]; sum: Amounts } {
  const subtotals = items.map(subtotalOf);
  const discounts = off === null ? subtotals.map(() => 0) : shareOut(items, subtotals, off);
  const amounts = items.map(({ taxRates }, at): Amounts => {
    const subtotal = subtotals[at] ?? 0;
    const discount = discounts[at] ?? 0;
    const { tax, added } = taxOf(subtotal - discount, taxRates);
    return { subtotal, discount, tax, total: subtotal - discount + added };
  });
  const sum = { subtotal: 0, discount: 0, tax: 0, total: 0 };
  for (const one of amounts) for (const key of ["subtotal", "discount", "tax", "total"] as const) sum[key] += one[key];
  return { items: amounts, sum };
}

/** Maximum number of decimal places of an amount. */
const SCALE = 12;

function subtotalOf({ unitAmount, quantity, transform }: Priced): number {
  const [whole = "0", fraction = ""] = unitAmount.split(".");
  const scaled = BigInt(whole + fraction.padEnd(SCALE, "0"));
  const units = transform === null ? quantity : Math[transform.round === "up" ? "ceil" : "floor"](quantity / transform.divide_by);
  const unit = 10n ** BigInt(SCALE);
  return Number((scaled * BigInt(units) + unit / 2n) / unit);
}

function shareOut(items: readonly Priced[], subtotals: readonly number[], { percent, amount, products }: TakenOff): number[] {
  const bases = items.map(({ product }, at) => (products === null || products.includes(product) ? (subtotals[at] ?? 0) : 0));
  const base = bases.reduce((sum, one) => sum + one, 0);
  const off = Math.min(base, percent === null ? (amount ?? 0) : Math.round((base * percent) / 100));
  let left = off;
  let leftBase = base;
  return bases.map((one) => {
    const share = leftBase === 0 ? 0 : Math.round((left * one) / leftBase);
    left -= share;
    leftBase -= one;
    return share;
  });
}

/** The tax of an amount, and the part of it that is added on top. */
function taxOf(amount: number, rates: Priced["taxRates"]): { tax: number; added: number } {
  const inclusive = rates.filter((rate) => rate.inclusive).reduce((sum, { percentage }) => sum + percentage, 0);
  const before = amount / (1 + inclusive / 100);
  let tax = 0;
  let added = 0;
  for (const rate of rates) {
    const one = Math.round((before * rate.percentage) / 100);
    tax += one;
    if (!rate.inclusive) added += one;
  }
  return { tax, added };
}
