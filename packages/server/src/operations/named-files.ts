import type { TObject, TSchema } from "typebox";
import { isHash } from "./merge-change.ts";
import type { Described } from "./parameters.ts";

/** A file that a call names. */
export interface NamedFile {
  id: string;
  /** The parameter that names it. */
  param: string;
  /** The purposes it may have been uploaded for. */
  purposes: readonly string[];
}

/** Finds the files that decoded parameters name. */
export type FileFinder = (given: unknown) => NamedFile[];

type DescribedSchema = Described & { properties?: Record<string, TSchema> };
type Finder = (given: unknown, param: string, found: NamedFile[]) => void;

/**
 * Turns a call's schema into a finder. It reads the schema on first use, because a server uses few of its calls.
 */
export function fileFinder(schema: TObject): FileFinder {
  let find: Finder | null | undefined;
  return (given) => {
    if (find === undefined) find = compile(schema);
    const found: NamedFile[] = [];
    find?.(given, "", found);
    return found;
  };
}

/** Null for a schema without file parameters. */
function compile(schema: TSchema): Finder | null {
  const { rule, properties = {} } = schema as unknown as DescribedSchema;
  switch (rule.kind) {
    case "text": {
      const { purposes } = rule;
      if (purposes === undefined) return null;
      return (given, param, found) => {
        if (typeof given === "string") found.push({ id: given, param, purposes });
      };
    }
    case "list": {
      const item = compile(rule.item);
      return item === null
        ? null
        : (given, param, found) => {
            if (Array.isArray(given)) for (const [at, one] of given.entries()) item(one, `${param}[${at}]`, found);
          };
    }
    case "hash": {
      const inner = Object.entries(properties).flatMap(([key, property]): [string, Finder][] => {
        const find = compile(property);
        return find === null ? [] : [[key, find]];
      });
      return inner.length === 0
        ? null
        : (given, param, found) => {
            if (isHash(given as never))
              for (const [key, find] of inner) find((given as never)[key], param === "" ? key : `${param}[${key}]`, found);
          };
    }
    case "either":
      return compile(rule.hash);
    default:
      return null;
  }
}
