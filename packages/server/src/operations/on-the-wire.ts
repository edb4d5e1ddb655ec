import type Stripe from "stripe";

/**
 * A type of the official `stripe` package as sent on the wire: the package parses text such as `10.5` into its own
 * numbers.
 */
export type OnTheWire<Value> = Value extends Stripe.Decimal
  ? string
  : Value extends string
    ? Value
    : Value extends readonly (infer Item)[]
      ? OnTheWire<Item>[]
      : Value extends object
        ? { [Key in keyof Value]: OnTheWire<Value[Key]> }
        : Value;
