import type { Judgements } from "./judge.ts";

/** The time and mode of a submission to an account or a person. Its values are judged on arrival. */
export interface Submission {
  /** Unix milliseconds. */
  now: number;
  /** Magic values have a meaning only in test mode. */
  livemode: boolean;
  /** The judgements of token contents, made when the tokens were created: the values themselves are no longer known. */
  found?: TokenFindings;
}

/** Who submits it. */
export interface TokenFindings {
  account?: Judgements;
  person?: Judgements;
}
