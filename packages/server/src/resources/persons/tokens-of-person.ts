import type { Static } from "typebox";
import type { OperationContext } from "../../operations/operation.ts";
import type { JsonObject } from "../../store/contract/rows.ts";
import type { TokenFindings } from "../connected-account/requirements/submission.ts";
import { useToken } from "../token-use/use-token.ts";
import { useV2Token } from "../token-use/v2-token.ts";
import { besideContent, withContent } from "../token-use/with-content.ts";
import type { writeAccountPersonParameters } from "./account-person-parameters.ts";
import type { ChangedPerson } from "./change-person.ts";
import type { writePersonParameters } from "./person-parameters.ts";
import { toldInV1 } from "./told-in-v1.ts";

/** Numbers that a token can replace. Source: https://docs.stripe.com/api/persons/create */
const ID_NUMBERS = ["id_number", "id_number_secondary"] as const;

/** A person's parameters with all tokens resolved, and the judgements stored in the tokens. */
export interface WithoutTokens<Change> {
  change: Change;
  found: TokenFindings;
}

/**
 * A person's parameters, with tokens replaced by what they stand for. Consumes the tokens, for the account `usedFor`.
 * Throws `parameters_exclusive` for values given both in a token and outside of it, and what `useToken` throws.
 */
export async function withTokens(
  context: OperationContext,
  { person_token: token, expand: _, ...told }: Static<typeof writePersonParameters>,
  usedFor: string,
): Promise<WithoutTokens<ChangedPerson>> {
  const { change, found } = await withIdNumbers<ChangedPerson>(context, told, { hash: "", usedFor });
  if (token === undefined) return { change, found };
  const content = await useToken(context, token, { types: ["person"], param: "person_token", usedFor });
  return {
    change: withContent(change, content.kept, "person_token"),
    found: { person: { ...content.found?.person, ...found.person } },
  };
}

/**
 * The v2 API's parameters for a person, converted to v1's, with the content of a token. Consumes the token, for the
 * account `usedFor`. Throws what `toldInV1` and `useV2Token` throw.
 */
export async function withPersonToken(
  context: OperationContext,
  { person_token: token, ...besides }: Static<typeof writeAccountPersonParameters>,
  usedFor: string,
): Promise<WithoutTokens<ChangedPerson>> {
  const change = toldInV1(besides, "");
  if (token === undefined) return { change, found: {} };
  const use = { kind: "account_person_token", ofAccount: usedFor, param: "person_token", besides: besides as JsonObject } as const;
  const { kept, found } = await useV2Token(context, token, use);
  return { change: besideContent(change as JsonObject, kept), found };
}

/**
 * A person's parameters, with each `pii_…` token replaced by the stored data of its number. Consumes the tokens. `hash`
 * is the hash that contains the numbers, if any; `usedFor` is their account. Throws what `useToken` throws.
 */
export async function withIdNumbers<Change extends object>(
  context: OperationContext,
  told: Change,
  { hash, usedFor }: { hash: string; usedFor: string | undefined },
): Promise<WithoutTokens<Change>> {
  const change: Record<string, unknown> = Object.fromEntries(Object.entries(told));
  let found: TokenFindings = {};
  for (const number of ID_NUMBERS) {
    const value = change[number];
    if (typeof value !== "string" || !value.startsWith("pii_")) continue;
    const content = await useToken(context, value, { types: ["pii"], param: hash === "" ? number : `${hash}[${number}]`, usedFor });
    delete change[number];
    for (const [key, known] of Object.entries(content.kept)) change[key.replace("id_number", number)] = known;
    // The second number of a person is never judged.
    if (number === "id_number" && content.found !== undefined) found = content.found;
  }
  return { change: change as Change, found };
}
