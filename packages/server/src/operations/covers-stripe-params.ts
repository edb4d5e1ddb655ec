import type { Static, TObject } from "typebox";

/**
 * The keys of `Theirs` that `Ours` lacks, with their path: `company.address.city`. `never` when `Ours` has all.
 * Metadata counts as one value, because the caller chooses its keys.
 */
type MissingKeys<Theirs, Ours> = string extends keyof Theirs
  ? never
  : {
      [Key in keyof Theirs & string]-?: Key extends keyof Ours ? Within<Key, MissingKeys<Hash<Theirs[Key]>, Hash<Ours[Key]>>> : Key;
    }[keyof Theirs & string];

type Within<Key extends string, Path> = Path extends string ? `${Key}.${Path}` : never;

/** The hash form of a parameter. */
type Hash<Value> = Exclude<Value, null | undefined | string | number | boolean | readonly unknown[]>;

/**
 * Parameters that accept everything `Theirs` names, at any depth. If the official `stripe` package knows a parameter
 * that `parameters` lacks, the compiler reports it in `missing`.
 */
export function coversStripeParams<Theirs>() {
  return <Parameters extends TObject>(parameters: Parameters & Complete<MissingKeys<Theirs, Static<Parameters>>>): Parameters => parameters;
}

type Complete<Missing> = [Missing] extends [never] ? unknown : { missing: Missing };
