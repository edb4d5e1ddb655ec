import type Stripe from "stripe";

/** Why a requirement is due again. Source: https://docs.stripe.com/api/accounts/object#account_object-requirements-errors-code */
export type RequirementErrorCode = Stripe.Account.Requirements.Error.Code;

/** What an account cannot do while something is past due. */
export type Stops = "charges" | "payouts" | "both";

/** What the judging of a value found wrong. */
export interface WrongValue {
  kind: "wrong";
  code: RequirementErrorCode;
  /** What is asked for again, named as within the person or the account. */
  fields: readonly string[];
  stops: Stops;
}

/** What the judging of a value found. */
export type Finding =
  | { kind: "right" }
  | WrongValue
  /** On a list of people one must not trade with. */
  | { kind: "listed" }
  /** The account is not used. */
  | { kind: "unused" }
  /** Somebody has to look at the account. */
  | { kind: "risky" }
  /** No answer comes by itself. */
  | { kind: "unanswered" };

/** What is known of a value as soon as it arrives, though it shows only when its check has ended. */
export interface Judgement {
  finding: Finding;
  /** Whether its check ends as soon as it begins. */
  atOnce: boolean;
}

/** A verification that has begun. */
export interface Check {
  /** Unix milliseconds; null when it does not end by itself. */
  endsAt: number | null;
  /** What people had to do with it when it began: it begins again when that changes. */
  people?: string;
}

/** Something asked for by a test, whether or not the tables ask for it. */
export interface Demand {
  /** Since when it is required, in Unix milliseconds; before that it is a future requirement. */
  from: number;
  /** Unix milliseconds. */
  deadline: number;
  /** Whether it was given since it was asked for. */
  given: boolean;
}

/** What is known of whether that which a person or an account gave is right. The values themselves are not in it. */
export interface Review {
  /** By what was judged: `dob`, `tax_id`, `verification.document`. What is not in it is right. */
  judgements: Readonly<Record<string, Judgement>>;
  /** By name: `identity`, or what alone it is about. */
  checks: Readonly<Record<string, Check>>;
  /** By field, named as within the person or the account. */
  demands: Readonly<Record<string, Demand>>;
}

/** When something asked for must be there, and what stops when it is not. */
export interface Asked {
  /** Unix milliseconds. */
  deadline: number;
  stops: Stops;
}

/** What an account's requirements depend on beside what it was told. */
export interface AccountReview extends Review {
  /** By the field's whole name: what was missing or wrong when last looked at, and is not mended since. */
  asked: Readonly<Record<string, Asked>>;
  /** The capabilities, and `payouts`, that no requirement stood against when last looked at. */
  granted: readonly string[];
  /** Whether a threshold was crossed: what was due eventually is due now. */
  thresholdCrossed: boolean;
  /** What its platform has paused. Source: https://docs.stripe.com/connect/pausing-payments-or-payouts-on-connected-accounts */
  pause: { payments: boolean; payouts: boolean };
}

/** The verification of who a person or a company is, by what it said of itself. */
export const IDENTITY = "identity";

/** A review in which nothing has been looked at yet. */
export const NOTHING_REVIEWED: Review = { judgements: {}, checks: {}, demands: {} };

/** The same of an account. */
export const NO_ACCOUNT_REVIEWED: AccountReview = {
  ...NOTHING_REVIEWED,
  asked: {},
  granted: [],
  thresholdCrossed: false,
  pause: { payments: false, payouts: false },
};
