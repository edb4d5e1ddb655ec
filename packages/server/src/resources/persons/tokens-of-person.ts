import type { Static } from "typebox";
import type { OperationContext } from "../operation.ts";
import { useToken } from "../tokens/use-token.ts";
import { withContent } from "../tokens/with-content.ts";
import type { ChangedPerson } from "./change-person.ts";
import type { writePersonParameters } from "./person-parameters.ts";

/** Numbers that a token can stand for. Source: https://docs.stripe.com/api/persons/create */
const ID_NUMBERS = ["id_number", "id_number_secondary"] as const;

/**
 * What a person is told, with what the tokens in it stand for in their places. Uses them up. Throws
 * `parameters_exclusive` for what is told by a token and beside it, and what `useToken` throws.
 */
export async function withTokens(
  context: OperationContext,
  { person_token: token, expand: _, ...told }: Static<typeof writePersonParameters>,
): Promise<ChangedPerson> {
  const change: ChangedPerson = await withIdNumbers(context, told, "");
  if (token === undefined) return change;
  const { kept } = await useToken(context, token, { types: ["person"], param: "person_token" });
  return withContent(change, kept, "person_token");
}

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
