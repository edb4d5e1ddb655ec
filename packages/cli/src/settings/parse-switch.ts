import { InvalidArgumentError } from "commander";

/** Parses a variable's value for a flag that takes no value: true or false. Throws `InvalidArgumentError`. */
export function parseSwitch(text: string): boolean {
  if (/^(?:true|1|yes|on)$/i.test(text.trim())) return true;
  if (/^(?:false|0|no|off)$/i.test(text.trim())) return false;
  throw new InvalidArgumentError("It must be true or false.");
}
