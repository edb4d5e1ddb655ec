import type { Static, TObject } from "typebox";

/**
 * The keys of `Theirs` that `Ours` has no place for, with the way to them: `company.address.city`. Never when there is
 * none. Metadata counts as one value: its keys are the caller's own.
 */
type MissingKeys<Theirs, Ours> = string extends keyof Theirs
  ? never
  : {
      [Key in keyof Theirs & string]-?: Key extends keyof Ours ? Within<Key, MissingKeys<Hash<Theirs[Key]>, Hash<Ours[Key]>>> : Key;
    }[keyof Theirs & string];

type Within<Key extends string, Path> = Path extends string ? `${Key}.${Path}` : never;

/** What a parameter is when it is given as a hash. */
type Hash<Value> = Exclude<Value, null | undefined | string | number | boolean | readonly unknown[]>;

/**
 * Parameters that take everything `Theirs` names, at any depth: a parameter that the official `stripe` package knows
 * and `parameters` does not is an error of the compiler, which names it in `missing`.
 */
export function coversStripeParams<Theirs>() {
  return <Parameters extends TObject>(parameters: Parameters & Complete<MissingKeys<Theirs, Static<Parameters>>>): Parameters => parameters;
}

type Complete<Missing> = [Missing] extends [never] ? unknown : { missing: Missing };
