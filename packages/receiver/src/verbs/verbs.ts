import type Stripe from "stripe";
import type { Matching } from "../event-pattern.ts";
import type { HandlerContext } from "../handler.ts";
import type { StripeClient } from "../stripe-client.ts";

/** What every ready-made verb passes to its handler. */
export interface VerbContext<Event, Tx, Client>
  extends Pick<
    HandlerContext<Event, string, Tx, Client>,
    "account" | "livemode" | "attempt" | "tx" | "signal" | "fresh" | "stripe" | "as"
  > {
  /** The underlying event. A thin event is converted to the form of the whole event, with the object as it is now. */
  readonly event: Event;
}

/** An account left. API calls for it are no longer possible, because the access is gone. */
export interface Deauthorized<Tx> {
  readonly account: string;
  readonly livemode: boolean;
  readonly tx: Tx;
  readonly attempt: number;
  readonly signal: AbortSignal;
  /** When it left, Unix milliseconds. */
  readonly at: number;
}

export interface RequirementsDue<Tx, Client> extends VerbContext<Matching<"account.updated">, Tx, Client> {
  /** The required fields, overdue ones first. */
  readonly due: string[];
  /** The deadline for the required fields, Unix milliseconds; null when no date is set. */
  readonly deadline: number | null;
  /** Why the account is restricted; null when it is not. */
  readonly disabledReason: string | null;
  readonly errors: NonNullable<NonNullable<Stripe.Account["requirements"]>["errors"]>;
  readonly payoutsEnabled: boolean;
  readonly chargesEnabled: boolean;
}

export interface PersonNeedsAttention<Tx, Client> extends VerbContext<Matching<"person.created" | "person.updated">, Tx, Client> {
  /** `person_…` */
  readonly person: string;
  readonly due: string[];
  readonly errors: NonNullable<Stripe.Person["requirements"]>["errors"];
  /** `unverified`, `pending` or `verified`. */
  readonly verification: string;
  /** Why verification failed, for people; null when it has not. */
  readonly detail: string | null;
}

export interface ExternalAccountDisabled<Tx, Client> extends VerbContext<Matching<"account.external_account.updated">, Tx, Client> {
  readonly externalAccount: Stripe.ExternalAccount;
  /** `errored`, `verification_failed`, … */
  readonly status: string;
  readonly last4: string | null;
}

export interface PayoutFailed<Tx, Client> extends VerbContext<Matching<"payout.failed">, Tx, Client> {
  readonly payout: Stripe.Payout;
  readonly failureCode: string | null;
  readonly failureMessage: string | null;
  /** The external account it went to, now disabled: `ba_…`, `card_…`; null when the payout does not name one. */
  readonly destination: string | null;
}

export interface PayoutCured<Tx, Client> extends VerbContext<Stripe.Event, Tx, Client> {
  /** The payout whose failure is over. */
  readonly failedPayout: string;
  /** When it failed, Unix milliseconds. */
  readonly failedAt: number;
  /** What ended it: a changed or added external account, or a successful payout. */
  readonly by: "external_account" | "payout";
}

/**
 * The events that a Connect integration should listen for, each as a verb. They listen on every Connect endpoint, to
 * whole events and to the thin ones of v1. For a thin event the object is fetched, which needs the receiver's `stripe`.
 */
export interface Verbs<Tx, Client extends StripeClient> {
  /**
   * An account disconnected. Its queued work is cancelled, and late events wait in quarantine until it comes back.
   * Modes are separate: a test disconnection does not affect live. The handler is called once, even if the event
   * arrives in several forms. To record that, its transaction begins before the call.
   */
  onDeauthorized(handler: (gone: Deauthorized<Tx>) => unknown): this;
  /** An account must provide something, or is restricted because it has not. */
  onRequirementsDue(handler: (due: RequirementsDue<Tx, Client>) => unknown): this;
  /** A person must provide something, or could not be verified. */
  onPersonNeedsAttention(handler: (person: PersonNeedsAttention<Tx, Client>) => unknown): this;
  /** A bank account or card can no longer receive payouts. */
  onExternalAccountDisabled(handler: (disabled: ExternalAccountDisabled<Tx, Client>) => unknown): this;
  /** A payout failed. Payouts stop until the external account is changed. */
  onPayoutFailed(handler: (failed: PayoutFailed<Tx, Client>) => unknown): this;
  /**
   * A failed payout is over: the external account was changed, or a later payout succeeded. It is called once for each
   * failure.
   */
  onPayoutCured(handler: (cured: PayoutCured<Tx, Client>) => unknown): this;
}
