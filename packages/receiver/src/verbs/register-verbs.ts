import type Stripe from "stripe";
import { ACCOUNT_CLOSED, DEAUTHORIZED, THIN_DEAUTHORIZED } from "../connection-events.ts";
import type { EventType, Matching } from "../event-pattern.ts";
import type { Fresh } from "../fetch-fresh.ts";
import type { AnyEvent, HandlerContext, HandlerOptions } from "../handler.ts";
import { handlerContext } from "../handler-context.ts";
import type { Turn } from "../registration.ts";
import type { Registrations } from "../registrations.ts";
import type { StripeClient } from "../stripe-client.ts";
import { isFirstToTell } from "./leavings.ts";
import { createPayoutCure } from "./payout-cure.ts";
import type { VerbContext, Verbs } from "./verbs.ts";
import { wholeEvent } from "./whole-event.ts";

/**
 * States of an external account that prevent payouts to it. Source:
 * https://docs.stripe.com/api/external_account_bank_accounts/object
 */
const DISABLED_STATUSES = new Set(["errored", "verification_failed", "tokenized_account_number_deactivated"]);

/** The verbs, returning `Self`. */
type Verbal<Tx, Client extends StripeClient, Self> = {
  [Name in keyof Verbs<Tx, Client>]: (handler: Parameters<Verbs<Tx, Client>[Name]>[0]) => Self;
};

/** The ready-made verbs. `self` is what each returns. */
export function registerVerbs<Tx, Client extends StripeClient, Self>(
  registrations: Registrations<Tx>,
  fresh: Fresh<Client>,
  self: () => Self,
): Verbal<Tx, Client, Self> {
  /** Registers a verb on the lanes of Connect endpoints. */
  function verb<const P extends EventType>(
    id: string,
    patterns: readonly P[],
    options: HandlerOptions,
    run: (event: Matching<P>, told: VerbContext<Matching<P>, Tx, Client>, turn: Turn<Tx>) => unknown,
    orderBy: "object" | "account" = "object",
  ): Self {
    registrations.add({
      lane: null,
      kind: "verb",
      patterns: patterns.flatMap((pattern) => [pattern, `v1.${pattern}`]),
      options: { id, ...options },
      orderBy,
      run(turn) {
        const called = (event: AnyEvent, fetched?: AnyEvent): unknown =>
          run(event as Matching<P>, verbContext(event as Matching<P>, handlerContext(turn, fresh, fetched)), turn);
        const event = wholeEvent(turn, fresh);
        return event instanceof Promise ? event.then((one) => (one === null ? undefined : called(one, one))) : called(event);
      },
    });
    return self();
  }

  return {
    onDeauthorized(handler) {
      registrations.add({
        lane: null,
        kind: "deauthorized",
        patterns: [DEAUTHORIZED, THIN_DEAUTHORIZED, ACCOUNT_CLOSED],
        options: { id: "deauthorized", order: "serial" },
        orderBy: "account",
        async run(turn) {
          const { event, number, attempt } = turn;
          const { account, livemode, created } = event;
          if (account === null) throw new Error("bug: a disconnection without an account was dispatched");
          if (!(await isFirstToTell(turn))) return undefined;
          return handler({
            account,
            livemode,
            attempt: number,
            at: created,
            get signal() {
              return turn.signal();
            },
            get tx() {
              return attempt.tx;
            },
          });
        },
      });
      return self();
    },

    onRequirementsDue(handler) {
      return verb("requirements-due", ["account.updated"], { order: "latest" }, (event, told) => {
        const { requirements, payouts_enabled: payoutsEnabled, charges_enabled: chargesEnabled } = event.data.object;
        const due = unique([requirements?.past_due, requirements?.currently_due]);
        const disabledReason = requirements?.disabled_reason ?? null;
        if (due.length === 0 && disabledReason === null) return undefined;
        const deadline = requirements?.current_deadline;
        return handler(
          extended(told, {
            due,
            deadline: typeof deadline === "number" ? deadline * 1_000 : null,
            disabledReason,
            errors: requirements?.errors ?? [],
            payoutsEnabled: payoutsEnabled === true,
            chargesEnabled: chargesEnabled === true,
          }),
        );
      });
    },

    onPersonNeedsAttention(handler) {
      return verb("person-needs-attention", ["person.created", "person.updated"], { order: "latest" }, (event, told) => {
        const { id, requirements, verification } = event.data.object;
        const due = unique([requirements?.past_due, requirements?.currently_due]);
        const errors = requirements?.errors ?? [];
        const detail = verification?.details ?? null;
        if (due.length === 0 && errors.length === 0 && detail === null) return undefined;
        return handler(extended(told, { person: id, due, errors, verification: verification?.status ?? "unverified", detail }));
      });
    },

    onExternalAccountDisabled(handler) {
      return verb("external-account-disabled", ["account.external_account.updated"], { order: "latest" }, (event, told) => {
        const externalAccount: Stripe.ExternalAccount = event.data.object;
        const status = externalAccount.status ?? "";
        if (!DISABLED_STATUSES.has(status)) return undefined;
        return handler(extended(told, { externalAccount, status, last4: externalAccount.last4 ?? null }));
      });
    },

    onPayoutFailed(handler) {
      return verb("payout-failed", ["payout.failed"], { order: "any" }, (event, told) => {
        const payout = event.data.object;
        return handler(
          extended(told, {
            payout,
            failureCode: payout.failure_code ?? null,
            failureMessage: payout.failure_message ?? null,
            destination: typeof payout.destination === "string" ? payout.destination : (payout.destination?.id ?? null),
          }),
        );
      });
    },

    onPayoutCured(handler) {
      const cure = createPayoutCure<Tx>();
      return verb(
        "payout-cured",
        ["payout.failed", "payout.paid", "account.external_account.created", "account.external_account.updated"],
        { order: "serial" },
        async (event, told, turn) => {
          const cured = await cure(event, turn);
          return cured === null ? undefined : handler(extended<VerbContext<AnyEvent, Tx, Client>, typeof cured>(told, cured));
        },
        "account",
      );
    },
  };
}

/** The part of a handler's context that verbs pass on, with its getters. */
function verbContext<Event, Tx, Client extends StripeClient>(
  event: Event,
  context: HandlerContext<AnyEvent, string | null, Tx, Client>,
): VerbContext<Event, Tx, Client> {
  const { account, livemode, attempt, as } = context;
  if (account === null) throw new Error("bug: an event without an account was dispatched to a verb of Connect");
  return {
    event,
    account,
    livemode,
    attempt,
    as,
    fresh: context.fresh as VerbContext<Event, Tx, Client>["fresh"],
    get tx() {
      return context.tx;
    },
    get signal() {
      return context.signal;
    },
    get stripe() {
      return context.stripe;
    },
  };
}

/** Merges both without reading the getters: reading `tx` begins a transaction. */
function extended<One extends object, Other extends object>(one: One, other: Other): One & Other {
  return Object.defineProperties(one, Object.getOwnPropertyDescriptors(other)) as One & Other;
}

function unique(lists: readonly (readonly string[] | null | undefined)[]): string[] {
  return [...new Set(lists.flatMap((list) => list ?? []))];
}
