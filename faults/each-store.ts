import type { RowContext, RowResult } from "./row.ts";
import { KINDS, type Kind } from "./world.ts";

/**
 * Runs a row's work on each store, and prefixes the findings with the store's name. `quickly`: the stores of the quick
 * form, for rows that have little to do with the store.
 */
export async function eachStore(
  context: RowContext,
  run: (kind: Kind) => Promise<RowResult>,
  quickly: readonly Kind[] = KINDS,
): Promise<RowResult> {
  const kinds = context.scale === "full" ? KINDS : quickly;
  const breaches: string[] = [];
  const figures: RowResult["figures"] = {};
  for (const kind of kinds) {
    context.progress(kind);
    const result = await run(kind);
    breaches.push(...result.breaches.map((breach) => `${kind}: ${breach}`));
    for (const [name, value] of Object.entries(result.figures)) figures[`${kind}.${name}`] = value;
  }
  return { breaches, figures };
}
