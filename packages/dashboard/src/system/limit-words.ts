import { byteWords } from "../design/byte-words.ts";
import { durationWords, millisecondWords } from "../design/time-words.ts";

/** The value of a limit with the unit that its name ends in. */
export function limitWords(name: string, value: unknown): string {
  if (typeof value !== "number") return JSON.stringify(value) ?? "";
  if (name.endsWith("Ms")) return value < 60_000 ? millisecondWords(value) : durationWords(value / 1_000);
  return name.endsWith("Bytes") ? byteWords(value) : value.toLocaleString("en");
}
