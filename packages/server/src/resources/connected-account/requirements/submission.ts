import type { Judgements } from "./judge.ts";

/** When, and in which mode, an account or a person is told something: what is told is judged as it arrives. */
export interface Submission {
  /** Unix milliseconds. */
  now: number;
  /** Magic values mean something in test mode alone. */
  livemode: boolean;
  /** What was found of what tokens tell, when they were made: the values themselves are not known any more. */
  found?: TokenFindings;
}

/** By whom it is told of. */
export interface TokenFindings {
  account?: Judgements;
  person?: Judgements;
}
