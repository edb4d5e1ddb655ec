import type { Described } from "../../packages/server/src/operations/parameters.ts";
import { OTHER_PAYMENT_METHODS } from "../../packages/server/src/resources/customers/payment-methods/other-payment-methods.ts";

type AnySchema = Described & { properties?: Record<string, object> };

const OTHERS: ReadonlySet<string> = new Set(OTHER_PAYMENT_METHODS);

/** Stripe's parameters and values that a call refuses, as a document shows them. */
export function parametersNotHere(schema: object, name = ""): string[] {
  const { rule, properties = {} } = schema as AnySchema;
  const inside = (key: string): string => (name === "" ? key : `${name}[${key}]`);
  switch (rule.kind) {
    case "hash":
      return [
        ...shown(rule.notHere ?? [], (key) => `\`${inside(key)}\``, name === "" ? "" : ` of \`${name}\``),
        ...Object.entries(properties).flatMap(([key, inner]) => parametersNotHere(inner, inside(key))),
      ];
    case "list":
      return parametersNotHere(rule.item, `${name}[]`);
    case "either":
      return [...parametersNotHere(rule.text, name), ...parametersNotHere(rule.hash, name)];
    case "choice":
      return shown(rule.notHere ?? [], (value) => `\`${name}=${value}\``, ` as \`${name}\``);
    case "boolean":
      return rule.offOnly === true ? [`\`${name}=true\``] : [];
    default:
      return [];
  }
}

/** The names, with those of payment methods merged into one. */
function shown(names: readonly string[], render: (name: string) => string, where: string): string[] {
  const methods = names.some((name) => OTHERS.has(name)) ? [`payment methods other than \`card\`${where}`] : [];
  return [...names.filter((name) => !OTHERS.has(name)).map(render), ...methods];
}
