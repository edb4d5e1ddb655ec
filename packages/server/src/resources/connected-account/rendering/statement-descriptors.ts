import { hashOf } from "../../../operations/merge-change.ts";
import type { Json, JsonObject } from "../../../store/contract/rows.ts";
import { websiteHost } from "./website-host.ts";

/** The texts on the statements of an account's customers. */
export interface StatementDescriptors {
  descriptor: string | null;
  /** The part in front of the suffix that a payment adds. */
  prefix: string | null;
}

/**
 * Bounds of a statement descriptor, and the length of its prefix.
 * Source: https://docs.stripe.com/get-started/account/statement-descriptors
 */
const CHARS = { least: 5, most: 22, prefix: 10 };

/** The descriptors that an account gave. By default they are derived from its name or its website. */
export function statementDescriptors({ business_profile, settings }: JsonObject): StatementDescriptors {
  const { payments, card_payments } = hashOf(settings);
  const own = hashOf(payments).statement_descriptor;
  const ownPrefix = hashOf(card_payments).statement_descriptor_prefix;
  const descriptor = typeof own === "string" ? own : derivedDescriptor(hashOf(business_profile));
  const cut = typeof own === "string" ? null : (descriptor?.slice(0, CHARS.prefix).trim() ?? null);
  return { descriptor, prefix: typeof ownPrefix === "string" ? ownPrefix : cut };
}

/**
 * The text on a statement for a card payment: the account's descriptor, or its prefix and the payment's suffix. Without
 * a prefix it begins with as much of the descriptor as the suffix leaves room for, but at least the length of a prefix.
 * Source: responses of Stripe's test mode
 */
export function calculatedDescriptor({ descriptor, prefix }: StatementDescriptors, suffix: string | null): string | null {
  if (suffix === null) return descriptor;
  const room = Math.max(CHARS.prefix, CHARS.most - SEPARATOR.length - suffix.length);
  const start = prefix ?? descriptor?.slice(0, room).trim();
  return start === undefined ? null : `${start}${SEPARATOR}${suffix.toUpperCase()}`.slice(0, CHARS.most).trim();
}

const SEPARATOR = "* ";

/** The default statement descriptor: the business name, or the website's host. Source of the form: see above. */
function derivedDescriptor({ name, url }: JsonObject): string | null {
  return fitting(name) ?? fitting(websiteHost(url));
}

/** A text as a statement can show it; null when too little of it is left. */
function fitting(text: Json | undefined): string | null {
  if (typeof text !== "string") return null;
  const kept = text
    .replaceAll(/[^\x20-\x7e]|[<>\\'"*]/g, "")
    .slice(0, CHARS.most)
    .trim()
    .toUpperCase();
  return kept.length >= CHARS.least && /[A-Z]/.test(kept) ? kept : null;
}
