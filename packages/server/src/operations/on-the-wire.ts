import type Stripe from "stripe";

/** A type of the official `stripe` package as the wire has it: the package reads text such as `10.5` into numbers of its own. */
export type OnTheWire<Value> = Value extends Stripe.Decimal
  ? string
  : Value extends string
    ? Value
    : Value extends readonly (infer Item)[]
      ? OnTheWire<Item>[]
      : Value extends object
        ? { [Key in keyof Value]: OnTheWire<Value[Key]> }
        : Value;
