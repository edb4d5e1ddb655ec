/**
 * The account that a call about a thin event must act for, such as `acct_1`, or `org_1/acct_1` for an account below an
 * organization. It has what the official package's `StripeContext` has, so that its types hold, and every call takes it
 * as `stripeContext`. Source: https://docs.stripe.com/context
 */
export class ThinContext {
  readonly #segments: readonly string[];

  constructor(segments: readonly string[] = []) {
    this.#segments = [...segments];
  }

  static parse(text: string): ThinContext {
    return new ThinContext(text.split("/"));
  }

  get segments(): string[] {
    return [...this.#segments];
  }

  /** A context below this one. */
  push(segment: string): ThinContext {
    if (segment === "") throw new Error("A segment of a context must not be empty.");
    return new ThinContext([...this.#segments, segment]);
  }

  /** The context above this one. Throws when this one is empty. */
  pop(): ThinContext {
    if (this.#segments.length === 0) throw new Error("An empty context has none above it.");
    return new ThinContext(this.#segments.slice(0, -1));
  }

  toString(): string {
    return this.#segments.join("/");
  }

  /** The context in the form that is sent. */
  toJSON(): string {
    return this.toString();
  }
}
