import {
  choice,
  clearableChoice,
  clearableFormatted,
  clearableHash,
  clearableList,
  clearableText,
  flag,
  formatted,
  hash,
  integer,
  json,
  optional,
  text,
} from "../../operations/parameters.ts";

/** Whether a capability is requested. */
export const requested = () => optional(clearableHash({ requested: optional(flag()) }));

/** The customer configuration. Null unsets a value; the prefix and the sequence of invoices always have a value. */
const customer = {
  capabilities: optional(hash({ automatic_indirect_tax: requested() })),
  shipping: optional(
    clearableHash({
      address: optional(
        clearableHash({
          city: optional(clearableText()),
          country: optional(formatted("country")),
          line1: optional(clearableText()),
          line2: optional(clearableText()),
          postal_code: optional(clearableText()),
          state: optional(clearableText()),
        }),
      ),
      name: optional(clearableText()),
      phone: optional(clearableFormatted("phone", 20)),
    }),
  ),
  test_clock: optional(json()),
};

const tax = { exempt: optional(clearableChoice(["exempt", "none", "reverse"])), ip_address: optional(clearableFormatted("ip")) };

const invoice = clearableHash({
  custom_fields: optional(clearableList(hash({ name: text(40), value: text(140) }), 4)),
  footer: optional(clearableText()),
  next_sequence: optional(integer(1)),
  prefix: optional(text(12)),
  rendering: optional(
    clearableHash({
      amount_tax_display: optional(clearableChoice(["exclude_tax", "include_inclusive_tax"])),
      template: optional(clearableText()),
    }),
  ),
});

/** The configuration in a creation. Source: https://docs.stripe.com/api/v2/core/accounts/create */
export const createdCustomer = {
  ...customer,
  automatic_indirect_tax: optional(clearableHash(tax)),
  billing: optional(hash({ invoice: optional(invoice) })),
};

/** The configuration in an update. Source: https://docs.stripe.com/api/v2/core/accounts/update */
export const updatedCustomer = {
  ...customer,
  applied: optional(flag()),
  automatic_indirect_tax: optional(clearableHash({ ...tax, validate_location: optional(choice(["auto", "deferred", "immediately"])) })),
  billing: optional(hash({ default_payment_method: optional(clearableText()), invoice: optional(invoice) })),
};
