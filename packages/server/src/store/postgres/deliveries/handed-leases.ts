import type { Claim, ClaimToken, HotLane } from "../../contract/delivery-store.ts";
import { StoreUnavailable } from "../../store.ts";
import type { UnderWayNotes } from "./under-way-notes.ts";

/** How many deliveries are read at once, with their bodies. */
export const READ_AT_ONCE = 1_024;

/** The statement that reads up to this many also records them as under way, because they may begin at once. */
export const NOTED_AT_ONCE = 64;

/** Claims that were read, in the order of the deliveries. */
export interface HandedPage {
  claims: readonly Claim[];
  /** The last delivery that was read, where the next page begins; null when there are no more. */
  next: ClaimToken | null;
  /** Whether they are recorded as under way. */
  noted: boolean;
}

/** Reads what other nodes have leased for this one, after `after`, at most `READ_AT_ONCE` at once. */
export interface HandedReads {
  /** The deliveries with these marks. Up to `NOTED_AT_ONCE` are recorded as under way, in a note with this number. */
  marked(marks: readonly number[], after: ClaimToken | null, note: number): Promise<HandedPage>;
  /** All but those with these tokens. They are not recorded. */
  strays(held: ReadonlySet<ClaimToken>, after: ClaimToken | null): Promise<HandedPage>;
  /** Ends leases: their deliveries are due as before. */
  giveBack(tokens: readonly ClaimToken[]): Promise<void>;
}

export interface HandedLeasesOptions {
  reads: HandedReads;
  underWay: Pick<UnderWayNotes, "next" | "written" | "giveUpUnbegun">;
  /** The lane that is attached now. */
  lane(): HotLane | null;
  /** Receives the claims that there was no room for, once they are due again. */
  onRefused(claims: readonly Claim[]): void;
}

/**
 * The deliveries that nodes without a sender have leased for this one. A message names the mark that finds them. A lost
 * message costs only time: `look` finds all that are leased for this node and not held here.
 */
export class HandedLeases {
  readonly #options: HandedLeasesOptions;
  /** Claims held here until they are settled. */
  readonly #held = new Set<ClaimToken>();
  /** Claims settled during a read: the answer may still show them as leased. */
  #settled: ClaimToken[] = [];
  /** Endpoints that changed during a read: the answer may show their old state. */
  readonly #changed = new Set<string>();
  #marks: number[] = [];
  #strays = false;
  #reading: Promise<void> | null = null;
  #failure: { error: unknown } | null = null;

  constructor(options: HandedLeasesOptions) {
    this.#options = options;
  }

  /** A message said that there are deliveries with these marks. */
  hear(marks: readonly number[]): void {
    this.#marks.push(...marks);
    this.#reading ??= this.#readAll();
  }

  /**
   * Looks for all deliveries that are leased and not held here. Throws the error of an earlier read, if that was a bug.
   */
  look(): void {
    if (this.#failure !== null) throw this.#failure.error;
    this.#strays = true;
    this.#reading ??= this.#readAll();
  }

  /** The lane is gone, and no more messages come. Returns what was leased since. */
  async end(): Promise<void> {
    this.#strays = true;
    this.#reading ??= this.#readAll();
    await this.#reading;
  }

  /** Claims with these tokens are settled, whichever node leased them. */
  settled(tokens: readonly ClaimToken[]): void {
    if (this.#held.size === 0) return;
    if (this.#reading === null) for (const token of tokens) this.#held.delete(token);
    else this.#settled.push(...tokens);
  }

  /** An endpoint changed, on any node. */
  changed(endpointId: string): void {
    if (this.#reading !== null) this.#changed.add(endpointId);
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
      // What an unavailable database does not return, the next look finds.
      if (!(error instanceof StoreUnavailable)) this.#failure = { error };
    }
    this.#forgetSettled();
    this.#reading = null;
  }

  #forgetSettled(): void {
    for (const token of this.#settled) this.#held.delete(token);
    this.#settled = [];
  }

  #readStrays(): Promise<void> {
    return this.#readPages(async (after) => {
      const { claims, next } = await this.#options.reads.strays(this.#held, after);
      return { found: this.#unheld(claims), next };
    });
  }

  #readMarked(marks: readonly number[]): Promise<void> {
    const { reads, underWay } = this.#options;
    return this.#readPages(async (after) => {
      const note = underWay.next();
      try {
        const { claims, next, noted } = await reads.marked(marks, after, note);
        const found = this.#unheld(claims);
        if (noted) underWay.written(note, tokensOf(found));
        return { found, next };
      } catch (error) {
        underWay.written(note, []);
        throw error;
      }
    });
  }

  async #readPages(read: (after: ClaimToken | null) => Promise<{ found: Claim[]; next: ClaimToken | null }>): Promise<void> {
    let after: ClaimToken | null = null;
    do {
      this.#changed.clear();
      const { found, next } = await read(after);
      await this.#take(found);
      after = next;
    } while (after !== null);
  }

  #unheld(claims: readonly Claim[]): Claim[] {
    return claims.filter(({ token }) => !this.#held.has(token));
  }

  async #take(found: readonly Claim[]): Promise<void> {
    if (found.length === 0) return;
    const { lane, reads, underWay, onRefused } = this.#options;
    const tokens = tokensOf(found);
    for (const token of tokens) this.#held.add(token);
    const isOutdated = ({ endpoint }: Claim): boolean => this.#changed.has(endpoint.id);
    const outdated = found.filter(isOutdated);
    const current = outdated.length === 0 ? found : found.filter((claim) => !isOutdated(claim));
    const refused = [...outdated, ...(lane()?.take?.(current) ?? current)];
    underWay.giveUpUnbegun(tokens);
    if (refused.length === 0) return;
    try {
      await reads.giveBack(tokensOf(refused));
    } finally {
      // If it is not known whether this was stored, the next look shows it.
      for (const { token } of refused) this.#held.delete(token);
    }
    onRefused(refused);
  }
}

const tokensOf = (claims: readonly Claim[]): ClaimToken[] => claims.map(({ token }) => token);
