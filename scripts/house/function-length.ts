import type { SourceFile, Violation } from "./source-file.ts";

/** A function that is longer does more than one thing. */
const LONGEST = 100;

/** Functions that may be longer: `path:name`, and why. */
const EXCEPTIONS: ReadonlyMap<string, string> = new Map([
  ["packages/server/src/deliveries/engine.ts:createEngine", "the state of the engine, each part with its comment"],
]);

/** The parts of a function in the syntax tree that the rule uses. */
interface FunctionNode {
  start: number;
  end: number;
  id?: { name: string } | null;
}

/** A function, and the number of its own lines. */
interface Measured {
  node: FunctionNode;
  name: string;
  line: number;
  lines: number;
}

/**
 * Functions of our packages that have grown too long, and exceptions that are not needed. The lines of a function count
 * from its first to its last, without those of nested functions of more than one line. Each nested function is measured
 * separately, so that an object of functions over one state is not a long function.
 */
export function functionLength(
  files: readonly SourceFile[],
  exceptions: ReadonlyMap<string, string> = EXCEPTIONS,
  longest: number = LONGEST,
): Violation[] {
  const violations: Violation[] = [];
  const needed = new Set<string>();
  for (const file of files) {
    if (file.isTest || !/^packages\/[^/]+\/src\//.test(file.path)) continue;
    for (const { name, line, lines } of measure(file)) {
      if (lines <= longest) continue;
      const place = `${file.path}:${name}`;
      if (exceptions.has(place)) needed.add(place);
      else
        violations.push({ path: file.path, line, says: `${name} has ${lines} lines of its own; ${longest} is the most: make steps of it` });
    }
  }
  for (const [place, why] of exceptions)
    if (!needed.has(place))
      violations.push({
        path: "scripts/house/function-length.ts",
        line: 1,
        says: `nothing needs the exception ${place} (${why}): delete it`,
      });
  return violations;
}

function measure(file: SourceFile): Measured[] {
  const nodes: FunctionNode[] = [];
  const add = (node: unknown): void => void nodes.push(node as FunctionNode);
  file.visit({ FunctionDeclaration: add, FunctionExpression: add, ArrowFunctionExpression: add });
  nodes.sort((one, other) => one.start - other.start || other.end - one.end);
  const linesOf = (node: FunctionNode): number => file.lineAt(node.end) - file.lineAt(node.start) + 1;
  const measured: Measured[] = [];
  const open: Measured[] = [];
  for (const node of nodes) {
    while (open.length > 0 && (open.at(-1) as Measured).node.end <= node.start) open.pop();
    const lines = linesOf(node);
    const outer = open.at(-1);
    if (outer !== undefined && lines > 1) outer.lines -= lines;
    const name = node.id?.name ?? nameBefore(file.text, node.start);
    const one = { node, name, line: file.lineAt(node.start), lines };
    measured.push(one);
    open.push(one);
  }
  return measured;
}

/**
 * The name that is used for an anonymous function: the word before it, as in `run(context) {` or `const read = () =>
 * {`.
 */
function nameBefore(text: string, start: number): string {
  return /(\w+)\W*$/.exec(text.slice(Math.max(0, start - 60), start))?.[1] ?? "a function";
}
