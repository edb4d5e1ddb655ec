import type { Claim, ClaimToken, HotLane } from "../contract/delivery-store.ts";
import { StoreUnavailable } from "../store.ts";
import type { UnderWayNotes } from "./under-way-notes.ts";

/** Deliveries that are read at once, with their bodies. */
export const READ_AT_ONCE = 1_024;

/** So few are noted as under way with the statement that reads them: they may begin at once. */
export const NOTED_AT_ONCE = 64;

/** Reads what other nodes have leased for this one, in the order of the deliveries, at most `READ_AT_ONCE`. */
export interface HandedReads {
  /** Those with these marks, behind `after`. Up to `NOTED_AT_ONCE` are noted as under way, in a note with this number. */
  marked(marks: readonly number[], after: ClaimToken | null, note: number): Promise<Claim[]>;
  /** All but those with these tokens. */
  strays(held: ReadonlySet<ClaimToken>, after: ClaimToken | null): Promise<Claim[]>;
  /** Ends leases: their deliveries are due as before. */
  giveBack(tokens: readonly ClaimToken[]): Promise<void>;
}

export interface HandedLeasesOptions {
  reads: HandedReads;
  underWay: Pick<UnderWayNotes, "next" | "written" | "giveUpUnbegun">;
  /** The lane attached now. */
  lane(): HotLane | null;
  /** Gets what there was no room for, once it is due again. */
  onRefused(claims: readonly Claim[]): void;
}

/**
 * The deliveries that nodes without a sender have leased for this one. A message says by which mark they are found. One
 * that is lost costs only time: `look` finds all that are leased and not held here.
 */
export class HandedLeases {
  readonly #options: HandedLeasesOptions;
  /** Held here until they are settled. */
  readonly #held = new Set<ClaimToken>();
  /** Settled while something is read: the answer may still show them leased. */
  #settled: ClaimToken[] = [];
  #marks: number[] = [];
  #strays = false;
  #reading: Promise<void> | null = null;
  #failure: { error: unknown } | null = null;

  constructor(options: HandedLeasesOptions) {
    this.#options = options;
  }

  /** There are deliveries with a mark. */
  hear(marks: readonly number[]): void {
    this.#marks.push(...marks);
    this.#reading ??= this.#readAll();
  }

  /** Looks for all that are leased and not held here. Throws what an earlier reading failed with, if it was a bug. */
  look(): void {
    if (this.#failure !== null) throw this.#failure.error;
    this.#strays = true;
    this.#reading ??= this.#readAll();
  }

  /** The lane is gone, and no more messages come. Gives back what was leased since. */
  async end(): Promise<void> {
    this.#strays = true;
    this.#reading ??= this.#readAll();
    await this.#reading;
  }

  /** These are settled, whoever leased them. */
  settled(tokens: readonly ClaimToken[]): void {
    if (this.#held.size === 0) return;
    if (this.#reading === null) for (const token of tokens) this.#held.delete(token);
    else this.#settled.push(...tokens);
  }

  async #readAll(): Promise<void> {
    try {
      while (this.#marks.length > 0 || this.#strays) {
        const marks = this.#marks;
        this.#marks = [];
        if (this.#strays) {
          this.#strays = false;
          await this.#readStrays();
        } else await this.#readMarked(marks);
        this.#forgetSettled();
      }
    } catch (error) {
      // What a database that is away does not show is found by the next look.
      if (!(error instanceof StoreUnavailable)) this.#failure = { error };
    }
    this.#forgetSettled();
    this.#reading = null;
  }

  #forgetSettled(): void {
    for (const token of this.#settled) this.#held.delete(token);
    this.#settled = [];
  }

  async #readStrays(): Promise<void> {
    let read: Claim[];
    let after: ClaimToken | null = null;
    do {
      read = await this.#options.reads.strays(this.#held, after);
      after = read.at(-1)?.token ?? after;
      await this.#take(this.#unheld(read));
    } while (read.length === READ_AT_ONCE);
  }

  async #readMarked(marks: readonly number[]): Promise<void> {
    const { reads, underWay } = this.#options;
    let read: Claim[];
    let after: ClaimToken | null = null;
    do {
      const note = underWay.next();
      try {
        read = await reads.marked(marks, after, note);
      } catch (error) {
        underWay.written(note, []);
        throw error;
      }
      after = read.at(-1)?.token ?? after;
      const found = this.#unheld(read);
      if (read.length > 0 && read.length <= NOTED_AT_ONCE) underWay.written(note, tokensOf(found));
      await this.#take(found);
    } while (read.length === READ_AT_ONCE);
  }

  #unheld(claims: readonly Claim[]): Claim[] {
    return claims.filter(({ token }) => !this.#held.has(token));
  }

  async #take(found: readonly Claim[]): Promise<void> {
    if (found.length === 0) return;
    const { lane, reads, underWay, onRefused } = this.#options;
    const tokens = tokensOf(found);
    for (const token of tokens) this.#held.add(token);
    const refused = lane()?.take?.(found) ?? found;
    underWay.giveUpUnbegun(tokens);
    if (refused.length === 0) return;
    try {
      await reads.giveBack(tokensOf(refused));
    } finally {
      // If it is not known whether that was stored, the next look shows it.
      for (const { token } of refused) this.#held.delete(token);
    }
    onRefused(refused);
  }
}

const tokensOf = (claims: readonly Claim[]): ClaimToken[] => claims.map(({ token }) => token);
