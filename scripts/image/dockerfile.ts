/** One instruction of a Dockerfile, such as `RUN` and what follows it. */
export interface Instruction {
  name: string;
  /** The rest of the instruction, on one line, without its flags. */
  rest: string;
  /** `--from=build` is `["from", "build"]`. */
  flags: ReadonlyMap<string, string>;
}

/** A stage, from its `FROM`. */
export interface Stage {
  base: string;
  /** Its name after `AS`, or "". */
  name: string;
  instructions: readonly Instruction[];
}

/** Parses a Dockerfile, as far as ours requires. Throws for an instruction before the first `FROM`. */
export function readDockerfile(text: string): Stage[] {
  const lines = text
    .split("\n")
    .filter((line) => !/^\s*(#|$)/.test(line))
    .join("\n")
    .replace(/\\\n\s*/g, "")
    .split("\n");
  const stages: (Stage & { instructions: Instruction[] })[] = [];
  for (const line of lines) {
    const [, name = "", given = ""] = /^(\S+)\s+(.*)$/.exec(line.trim()) ?? [];
    if (name === "FROM") {
      const [base = "", , as = ""] = given.split(/\s+/);
      stages.push({ base, name: as, instructions: [] });
      continue;
    }
    const stage = stages.at(-1);
    if (stage === undefined) throw new Error(`${line} comes before FROM`);
    const flags = new Map<string, string>();
    const rest = given.replace(/^(?:--[a-z-]+=\S+\s+)+/, (all) => {
      for (const flag of all.trim().split(/\s+/)) {
        const [key = "", value = ""] = flag.slice(2).split("=");
        flags.set(key, value);
      }
      return "";
    });
    stage.instructions.push({ name, rest, flags });
  }
  return stages;
}

/** The words of an instruction in its JSON form, `["node", "x.mjs"]`. */
export function wordsOf(stage: Stage, name: string): [string, ...string[]] {
  const rest = restOf(stage, name).replace(/^CMD\s+/, "");
  return JSON.parse(rest) as [string, ...string[]];
}

/** The arguments of the last instruction with a name. Throws when there is none. */
export function restOf(stage: Stage, name: string): string {
  const found = stage.instructions.findLast((instruction) => instruction.name === name);
  if (found === undefined) throw new Error(`There is no ${name}.`);
  return found.rest;
}
