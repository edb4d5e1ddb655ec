import type { Static, TObject } from "typebox";
import { lacking } from "./parameters.ts";

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
 * Parameters that accept everything in `Theirs`, at any depth, except what `notHere` names: the error for these says
 * so, and docs/compatibility.md lists them. If the official `stripe` package has a parameter that is neither in
 * `parameters` nor in `notHere`, the compiler reports it in `missing`.
 */
export function coversStripeParams<Theirs>() {
  return <Parameters extends TObject, const NotHere extends readonly (keyof Theirs & string)[] = []>(
    parameters: Parameters & Complete<MissingKeys<Omit<Theirs, NotHere[number]>, Static<Parameters>>>,
    notHere?: NotHere,
  ): Parameters => (notHere === undefined ? parameters : (lacking(parameters, notHere) as Parameters & TObject));
}

type Complete<Missing> = [Missing] extends [never] ? unknown : { missing: Missing };
