/** The position of a walk through all sealed values. Only the store knows its content. */
export type WalkPosition = string;

/** The result of a step of such a walk. */
export interface Resealed {
  /** How many values were resealed. */
  resealed: number;
  /** Where the walk continues; null at its end. */
  next: WalkPosition | null;
}

/** The secrets that a store keeps sealed (`sealed-fields.ts`), and the keys that seal them. */
export interface StoredSecrets {
  /** Makes the current key the sealing key: other nodes of a shared database switch to it, or end. */
  begin(): Promise<void>;
  /**
   * One step of a walk: reseals up to `limit` rows with values that the current key did not seal. `from` is null at
   * first.
   */
  reseal(limit: number, from: WalkPosition | null): Promise<Resealed>;
  /** The ids of our keys: the one that seals first, then those that only open. */
  ids(): readonly string[];
  /** How many values are sealed under each key, by the key's id. Other work continues meanwhile. */
  count(): Promise<ReadonlyMap<string, number>>;
  /** How many nodes of a shared database have reported since that time and seal with another key. */
  behind(seenSince: number): Promise<number>;
  /** Drops older keys that no longer seal anything, and erases their traces in an SQLite file. Returns their ids. */
  forget(): Promise<string[]>;
}
