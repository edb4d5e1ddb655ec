import type Stripe from "stripe";

/**
 * Why a requirement is due again.
 * Source: https://docs.stripe.com/api/accounts/object#account_object-requirements-errors-code
 */
export type RequirementErrorCode = Stripe.Account.Requirements.Error.Code;

/** What is blocked while something is past due. */
export type Stops = "charges" | "payouts" | "both";

/** A fault found in a value. */
export interface WrongValue {
  kind: "wrong";
  code: RequirementErrorCode;
  /** The fields to ask for again, relative to the person or the account. */
  fields: readonly string[];
  stops: Stops;
}

/** The result of judging a value. */
export type Finding =
  | { kind: "right" }
  | WrongValue
  /** It is on a sanctions list. */
  | { kind: "listed" }
  /** The account is unused. */
  | { kind: "unused" }
  /** The account needs a manual review. */
  | { kind: "risky" }
  /** The verification does not end on its own. */
  | { kind: "unanswered" };

/** The judgement of a value on arrival. It shows only after its check has ended. */
export interface Judgement {
  finding: Finding;
  /** Whether its check ends immediately. */
  atOnce: boolean;
}

/** A verification that has begun. */
export interface Check {
  /** Unix milliseconds; null when it does not end on its own. */
  endsAt: number | null;
  /** The data it is based on: the verification restarts when this changes. */
  people?: string;
}

/** A requirement forced by a test, regardless of the tables. */
export interface Demand {
  /** When it takes effect, in Unix milliseconds; before that it is a future requirement. */
  from: number;
  /** Unix milliseconds. */
  deadline: number;
  /** Whether it was given after it was forced. */
  given: boolean;
}

/** The judgements of the data of a person or an account, without the data itself. */
export interface Review {
  /** By the judged field: `dob`, `tax_id`, `verification.document`. Missing fields are valid. */
  judgements: Readonly<Record<string, Judgement>>;
  /** By name: `identity`, or the single field it is about. */
  checks: Readonly<Record<string, Check>>;
  /** By field, relative to the person or the account. */
  demands: Readonly<Record<string, Demand>>;
}

/** A requirement's deadline, and what is blocked after it. */
export interface Asked {
  /** Unix milliseconds. */
  deadline: number;
  stops: Stops;
}

/** The state that an account's requirements depend on, in addition to its data. */
export interface AccountReview extends Review {
  /** By the field's full name: requirements that were unmet at the last evaluation, and still are. */
  asked: Readonly<Record<string, Asked>>;
  /** The capabilities, and `payouts`, that no requirement blocked at the last evaluation. */
  granted: readonly string[];
  /** Whether a threshold was crossed, so that eventual requirements are due now. */
  thresholdCrossed: boolean;
  pause: Pause;
}

/**
 * What platforms have paused.
 * Source: https://docs.stripe.com/connect/pausing-payments-or-payouts-on-connected-accounts
 */
export interface Pause {
  payments: boolean;
  payouts: boolean;
  /** The platform that paused each; absent where an earlier version recorded the pause. */
  by?: { payments?: string; payouts?: string };
}

/** The name of the identity verification of a person or a company. */
export const IDENTITY = "identity";

/** A review without any judgements or checks. */
export const NOTHING_REVIEWED: Review = { judgements: {}, checks: {}, demands: {} };

/** The same for an account. */
export const NO_ACCOUNT_REVIEWED: AccountReview = {
  ...NOTHING_REVIEWED,
  asked: {},
  granted: [],
  thresholdCrossed: false,
  pause: { payments: false, payouts: false },
};
