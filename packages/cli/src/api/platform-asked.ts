import { CommandFailure } from "../command-failure.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { printable } from "../output/printable.ts";
import type { List } from "./api-client.ts";
import type { OperatorClient } from "./ask-operator.ts";

/** How many platforms are listed to choose from. */
const LISTED = 10;

/**
 * The id of the named platform, or otherwise of the only existing one. Throws a usage error that lists them when there
 * are several; `how` says how to name one.
 */
export async function platformAsked(client: OperatorClient, named: string | undefined, how: string): Promise<string> {
  if (named !== undefined) return named;
  const { data, has_more: more } = await client.get<List<{ id: string; name: string }>>(`/operator/platforms?limit=${LISTED}`);
  const [only] = data;
  if (only === undefined)
    throw new CommandFailure("There is no platform yet.", {
      advice: "Make the first: carabiner platforms create --name NAME",
      exitCode: EXIT_CODES.notFound,
    });
  if (data.length === 1) return only.id;
  throw new CommandFailure("There are several platforms.", {
    details: [
      ...data.map(({ id, name }) => `${printable(id)}  ${printable(name)}`),
      ...(more ? ["and more: carabiner platforms list"] : []),
    ],
    advice: `Say which, ${how}.`,
    exitCode: EXIT_CODES.usage,
  });
}
