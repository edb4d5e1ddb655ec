import { type StripeOperation, stripeOperations } from "../../packages/protocol/src/index.ts";
import type { Operation } from "../../packages/server/src/operations/operation.ts";
import { parametersNotHere } from "./parameters-not-here.ts";
import type { DocumentTable } from "./table.ts";

const FILE = "docs/compatibility.md";

/**
 * Stripe's operations by status: those that this server has, those that it lacks, and those that are deliberately left
 * out.
 */
export function operationTables(here: readonly Pick<Operation, "method" | "path" | "params">[]): DocumentTable[] {
  const known = new Set(here.map(({ method, path }) => `${method} ${pattern(path)}`));
  const isHere = ({ method, path }: StripeOperation): boolean => known.has(`${method} ${pattern(path)}`);
  const inScope = stripeOperations().filter((operation) => operation.outOfScope === null || isHere(operation));
  const left = stripeOperations().filter((operation) => operation.outOfScope !== null && !isHere(operation));
  return [
    {
      file: FILE,
      name: "operations",
      heads: ["Collection", "Here", "Not here"],
      rows: [...Map.groupBy(inScope, ({ collection }) => collection)].map(([collection, operations]) => [
        `\`${collection}\``,
        shown(operations.filter(isHere)),
        shown(operations.filter((operation) => !isHere(operation))),
      ]),
    },
    {
      file: FILE,
      name: "out of scope",
      heads: ["Part of Stripe", "Operations", "Collections"],
      rows: [...Map.groupBy(left, ({ outOfScope }) => String(outOfScope))].map(([area, operations]) => [
        area,
        `${operations.length}`,
        [...Map.groupBy(operations, collectionOf).keys()].map((collection) => `\`${collection}\``).join(", "),
      ]),
    },
    {
      file: FILE,
      name: "operation counts",
      heads: ["Of Stripe's operations", "`/v1`", "`/v2`"],
      rows: [
        ["are here", ...counts(inScope.filter(isHere))],
        ["are not here yet", ...counts(inScope.filter((operation) => !isHere(operation)))],
        ["are out of scope by decision", ...counts(left)],
      ],
    },
    {
      file: FILE,
      name: "parameters not here",
      heads: ["Call", "Parameters"],
      rows: here.flatMap(({ method, path, params }) => {
        const names = parametersNotHere(params);
        return names.length === 0 ? [] : [[`\`${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}\``, names.join(", ")]];
      }),
    },
  ];
}

/** A path without its parameter names, which differ between the tables. */
const pattern = (path: string): string => path.replace(/\{[^}]+\}|:[^/]+/g, "*");

/** The part of a path that an area leaves out, if it is below a collection that this server has. */
const collectionOf = ({ collection, path }: StripeOperation): string =>
  /^\/v1\/(?:customers|products)$/.test(collection) ? path.split("/", 5).join("/") : collection;

/** Operations below one collection, grouped by path: `GET POST`, `GET /{charge}`. */
function shown(operations: readonly StripeOperation[]): string {
  const byPath = Map.groupBy(operations, ({ path, collection }) => path.slice(collection.length));
  const texts = [...byPath].map(([rest, ones]) => {
    const methods = ones.map(({ method }) => method).join(" ");
    return `\`${rest === "" ? methods : `${methods} ${rest}`}\``;
  });
  return texts.length === 0 ? "–" : texts.join(", ");
}

const counts = (operations: readonly StripeOperation[]): string[] =>
  ["/v1/", "/v2/"].map((beginning) => `${operations.filter(({ path }) => path.startsWith(beginning)).length}`);
