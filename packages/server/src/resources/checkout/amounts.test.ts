import fc from "fast-check";
import { expect, test } from "vitest";
import { amountsOf, type Priced, type TakenOff } from "./amounts.ts";

const item = (more: Partial<Priced> = {}): Priced => ({
  unitAmount: "1000",
  quantity: 1,
  transform: null,
  product: "prod_1",
  taxRates: [],
  ...more,
});

test("amounts with fractions are rounded once, when they are multiplied", () => {
  expect(amountsOf([item({ unitAmount: "10.5", quantity: 3 })], null).sum.subtotal).toBe(32);
  expect(amountsOf([item({ unitAmount: "0.0000001", quantity: 999_999 })], null).sum.subtotal).toBe(0);
});

test("units that are sold as one are counted first", () => {
  const pack = (round: string) => amountsOf([item({ quantity: 11, transform: { divide_by: 10, round } })], null).sum.subtotal;
  expect(pack("up")).toBe(2_000);
  expect(pack("down")).toBe(1_000);
});

test("taxes are of what is left after the discount; inclusive ones add nothing", () => {
  const vat = (inclusive: boolean) => item({ taxRates: [{ percentage: 25, inclusive }] });
  const half: TakenOff = { percent: 50, amount: null, products: null };
  expect(amountsOf([vat(false)], half).sum).toEqual({ subtotal: 1_000, discount: 500, tax: 125, total: 625 });
  expect(amountsOf([vat(true)], half).sum).toEqual({ subtotal: 1_000, discount: 500, tax: 100, total: 500 });
});

test("a coupon for some products takes nothing off others, and never more than there is", () => {
  const items = [item(), item({ product: "prod_2", unitAmount: "300" })];
  const { items: each, sum } = amountsOf(items, { percent: null, amount: 5_000, products: ["prod_2"] });
  expect(each.map(({ discount }) => discount)).toEqual([0, 300]);
  expect(sum.total).toBe(1_000);
});

test("whatever is taken off, the shares add up to it, and nothing costs less than nothing", () => {
  const priced = fc.record({ unit: fc.nat(100_000), quantity: fc.integer({ min: 1, max: 50 }) });
  const off = fc.oneof(
    fc.integer({ min: 1, max: 100 }).map((percent) => ({ percent, amount: null, products: null })),
    fc.integer({ min: 1, max: 1_000_000 }).map((amount) => ({ percent: null, amount, products: null })),
  );
  fc.assert(
    fc.property(fc.array(priced, { minLength: 1, maxLength: 8 }), off, (given, taken) => {
      const { items, sum } = amountsOf(
        given.map(({ unit, quantity }) => item({ unitAmount: String(unit), quantity })),
        taken,
      );
      const expected = Math.min(
        sum.subtotal,
        taken.percent === null ? (taken.amount ?? 0) : Math.round((sum.subtotal * taken.percent) / 100),
      );
      expect(sum.discount).toBe(expected);
      for (const { total, discount, subtotal } of items) {
        expect(total).toBe(subtotal - discount);
        expect(total).toBeGreaterThanOrEqual(0);
        expect(discount).toBeGreaterThanOrEqual(0);
      }
    }),
  );
});
