import { InvalidArgumentError, Option } from "commander";

/** `--default-mcc`: the category of accounts without one. */
export function mccOption(): Option {
  return new Option(
    "--default-mcc <code>",
    "the merchant category code of accounts that name none; otherwise they are asked for one",
  ).argParser(parseMcc);
}

/** Parses a merchant category code. Throws `InvalidArgumentError`. */
export function parseMcc(text: string): string {
  if (!/^\d{4}$/.test(text)) throw new InvalidArgumentError("It must be four digits, such as 5734.");
  return text;
}
