/** How far a walk through all sealed values has come. Only the store knows what is in it. */
export type WalkPosition = string;

/** What a step of such a walk did. */
export interface Resealed {
  /** Values sealed anew. */
  resealed: number;
  /** Where the walk goes on; null at its end. */
  next: WalkPosition | null;
}

/** The secrets that a store keeps sealed (`sealed-fields.ts`), and the keys they are sealed with. */
export interface StoredSecrets {
  /** The current key is the one to seal with from now on: others who share the database take it over, or end. */
  begin(): Promise<void>;
  /** One step of a walk: seals anew what up to `limit` rows have that is not sealed under the current key. `from` is null at its beginning. */
  reseal(limit: number, from: WalkPosition | null): Promise<Resealed>;
  /** How many values are sealed under each key, by the key's id. */
  count(): Promise<ReadonlyMap<string, number>>;
  /** How many who share the database have said since then that they live, and seal with another key. */
  behind(seenSince: number): Promise<number>;
  /** The store no longer needs the older keys that nothing is sealed under. Returns their ids. What was sealed with them is gone from an SQLite file. */
  forget(): Promise<string[]>;
}
