import type { OperationContext } from "../operation.ts";
import { useToken } from "../tokens/use-token.ts";

/** Numbers that a token can stand for. Source: https://docs.stripe.com/api/persons/create */
const ID_NUMBERS = ["id_number", "id_number_secondary"] as const;

/**
 * What a person is told, with each number that is a token, `pii_…`, replaced by what was kept of the number. Uses the
 * tokens up. `hash` is the hash the numbers are in, if any. Throws what `useToken` throws.
 */
export async function withIdNumbers<Told extends object>(context: OperationContext, told: Told, hash: string): Promise<Told> {
  const change: Record<string, unknown> = Object.fromEntries(Object.entries(told));
  for (const number of ID_NUMBERS) {
    const value = change[number];
    if (typeof value !== "string" || !value.startsWith("pii_")) continue;
    const { kept } = await useToken(context, value, { types: ["pii"], param: hash === "" ? number : `${hash}[${number}]` });
    delete change[number];
    for (const [key, known] of Object.entries(kept)) change[key.replace("id_number", number)] = known;
  }
  return change as Told;
}
