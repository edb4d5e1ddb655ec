import { closeSync, fchmodSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { StoreUnavailable } from "../../store.ts";

/** Marks the file as ours, and identifies its layout: "CRBNUWY1". */
const MAGIC = Buffer.from("CRBNUWY1");
/** A slot contains a token twice, negated the second time, so a partly written slot is invalid. */
const SLOT = 16;
/** The initial number of slots; it grows when more are under way. */
const SLOTS = 64;

/** The file beside a database that lists what is under way. */
export function underWayFileOf(databaseFile: string): string {
  return `${databaseFile}-underway`;
}

/**
 * What is under way, in a file of fixed slots, each with the token of a claim. A note is one small write to the cache
 * of the operating system, which outlives the process; it is not synced, so a machine that loses power may lose it. A
 * stale slot does no harm: its token is no longer the delivery's.
 *
 * The first note opens the file and empties it, so read it before.
 */
export class UnderWayFile {
  readonly #path: string;
  #descriptor: number | null = null;
  /** The intended content of the file. */
  #image = emptyImage(SLOTS);
  /** The slot of each token. */
  readonly #slots = new Map<number, number>();
  /** Free slots. The last one is used next. */
  #free: number[] = freeSlots(0, SLOTS);
  /** The part of the image that is not written yet: from, and up to (exclusive). */
  #dirtyFrom = 0;
  #dirtyTo = 0;

  constructor(path: string) {
    this.#path = path;
    this.#dirty(0, this.#image.length);
  }

  /**
   * Records tokens as under way, and others as no longer under way. Throws `StoreUnavailable` when the file cannot be
   * written; then the next note writes these changes, too.
   */
  note(begun: readonly number[], settled: readonly number[]): void {
    for (const token of settled) this.#take(token);
    for (const token of begun) this.#put(token);
    if (this.#dirtyFrom < this.#dirtyTo) this.#write();
  }

  /** The tokens that an earlier process recorded last; empty without a file, or for another program's file. */
  read(): number[] {
    let image: Buffer;
    try {
      image = readFileSync(this.#path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw this.#unavailable("read", error);
    }
    if (!image.subarray(0, MAGIC.length).equals(MAGIC)) return [];
    const tokens: number[] = [];
    for (let at = MAGIC.length; at + SLOT <= image.length; at += SLOT) {
      const token = image.readDoubleLE(at);
      if (Number.isSafeInteger(token) && token > 0 && image.readDoubleLE(at + 8) === -token) tokens.push(token);
    }
    return tokens;
  }

  /** Removes the file, once the database has its content. */
  remove(): void {
    this.close();
    try {
      rmSync(this.#path, { force: true });
    } catch (error) {
      throw this.#unavailable("removed", error);
    }
  }

  /** Closes the file without changing it. */
  close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
    this.#dirty(0, this.#image.length);
  }

  #put(token: number): void {
    if (this.#slots.has(token)) return;
    if (this.#free.length === 0) this.#grow();
    const slot = this.#free.pop() as number;
    this.#slots.set(token, slot);
    this.#fill(slot, token);
  }

  #take(token: number): void {
    const slot = this.#slots.get(token);
    if (slot === undefined) return;
    this.#slots.delete(token);
    this.#free.push(slot);
    this.#fill(slot, 0);
  }

  #fill(slot: number, token: number): void {
    const at = MAGIC.length + slot * SLOT;
    this.#image.writeDoubleLE(token, at);
    this.#image.writeDoubleLE(-token, at + 8);
    this.#dirty(at, at + SLOT);
  }

  #grow(): void {
    const slots = (this.#image.length - MAGIC.length) / SLOT;
    const image = emptyImage(2 * slots);
    this.#image.copy(image);
    this.#dirty(this.#image.length, image.length);
    this.#image = image;
    this.#free = freeSlots(slots, 2 * slots);
  }

  #dirty(from: number, to: number): void {
    this.#dirtyFrom = this.#dirtyTo === 0 ? from : Math.min(this.#dirtyFrom, from);
    this.#dirtyTo = Math.max(this.#dirtyTo, to);
  }

  #write(): void {
    try {
      if (this.#descriptor === null) {
        this.#descriptor = openSync(this.#path, "w", 0o600);
        // The mode above applies only to a new file.
        fchmodSync(this.#descriptor, 0o600);
      }
      for (let at = this.#dirtyFrom; at < this.#dirtyTo; ) at += writeSync(this.#descriptor, this.#image, at, this.#dirtyTo - at, at);
    } catch (error) {
      throw this.#unavailable("written", error);
    }
    this.#dirtyFrom = 0;
    this.#dirtyTo = 0;
  }

  #unavailable(what: string, error: unknown): StoreUnavailable {
    return new StoreUnavailable(`The file ${this.#path} cannot be ${what}: ${(error as Error).message}.`, { cause: error });
  }
}

function emptyImage(slots: number): Buffer {
  const image = Buffer.alloc(MAGIC.length + slots * SLOT);
  MAGIC.copy(image);
  return image;
}

/** The slots of a range, in reverse: the first is at the end. */
function freeSlots(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => to - 1 - index);
}
