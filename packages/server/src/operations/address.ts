import type Stripe from "stripe";

/** Empty shapes that accounts, people and their objects share. */
export const ADDRESS: Stripe.Address = { city: null, country: null, line1: null, line2: null, postal_code: null, state: null };
export const JAPAN_ADDRESS: Stripe.Account.Company.AddressKana = { ...ADDRESS, town: null };
export const DOCUMENT: Stripe.Person.Verification.Document = { back: null, details: null, details_code: null, front: null };
export const DATE: Stripe.Person.Dob = { day: null, month: null, year: null };
