/** When, and in which mode, an account or a person is told something: what is told is judged as it arrives. */
export interface Telling {
  /** Unix milliseconds. */
  now: number;
  /** Magic values mean something in test mode alone. */
  livemode: boolean;
}
