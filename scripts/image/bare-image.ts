import { execFile } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { ROOT, repositoryFiles } from "../house/repository-files.ts";
import { type Instruction, readDockerfile, restOf, type Stage, wordsOf } from "./dockerfile.ts";

const run = promisify(execFile);

/** An image whose steps were run in a folder instead of a container. Paths within it are below `root`. */
export interface BareImage {
  root: string;
  /** The Node.js of the base image. */
  node: string;
  env: Record<string, string>;
  uid: number;
  gid: number;
  volume: string;
  entrypoint: readonly string[];
  command: readonly string[];
  healthCheck: readonly string[];
  remove(): void;
}

/** Instructions that only describe a container and do nothing. */
const DECLARATIONS: ReadonlySet<string> = new Set(["ENV", "USER", "VOLUME", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"]);

/**
 * Runs the steps of the Dockerfile in plain folders, one for each stage, on machines without a container daemon. The
 * Node.js of the workspace takes the place of the base image. Packages that npm would install are copied from the
 * workspace, because fetching them needs the network. Everything else runs as it is written. Throws when a step fails.
 */
export async function buildBareImage(): Promise<BareImage> {
  const home = mkdtempSync(join(tmpdir(), "carabiner-image-"));
  chmodSync(home, 0o755);
  const stages = readDockerfile(readFileSync(join(ROOT, "Dockerfile"), "utf8"));
  const last = stages.at(-1);
  if (last === undefined) throw new Error("The Dockerfile has no stage.");
  const rootOf = (stage: Stage): string => join(home, `stage-${stages.indexOf(stage)}`);
  for (const stage of stages) {
    mkdirSync(join(rootOf(stage), "usr/local/bin"), { recursive: true });
    let folder = "/";
    for (const instruction of stage.instructions) {
      if (DECLARATIONS.has(instruction.name)) continue;
      if (instruction.name === "WORKDIR") {
        folder = instruction.rest;
        mkdirSync(join(rootOf(stage), folder), { recursive: true });
      } else if (instruction.name === "COPY") copy(instruction, rootOf(stage), folder, (name) => rootOf(named(stages, name)));
      else if (instruction.name === "RUN") await runStep(instruction.rest, rootOf(stage), join(rootOf(stage), folder));
      else throw new Error(`Nobody knows here what ${instruction.name} does.`);
    }
  }

  const root = rootOf(last);
  const within = (word: string): string => (word.startsWith("/") ? join(root, word) : word);
  const node = join(root, "usr/local/bin/node");
  copyFileSync(process.execPath, node);
  const [uid = 0, gid = 0] = restOf(last, "USER").split(":").map(Number);
  const settings = last.instructions.filter(({ name }) => name === "ENV").flatMap(({ rest }) => rest.split(/\s+/));
  return {
    root,
    node,
    env: Object.fromEntries(settings.map((setting) => setting.split("=") as [string, string])),
    uid,
    gid,
    volume: join(root, restOf(last, "VOLUME")),
    entrypoint: wordsOf(last, "ENTRYPOINT").map(within),
    command: wordsOf(last, "CMD").map(within),
    healthCheck: wordsOf(last, "HEALTHCHECK").map(within),
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}

function named(stages: readonly Stage[], name: string): Stage {
  const found = stages.find((stage) => stage.name === name);
  if (found === undefined) throw new Error(`No stage is named ${name}.`);
  return found;
}

function copy({ rest, flags }: Instruction, root: string, folder: string, rootOf: (stage: string) => string): void {
  const [from = "", to = ""] = rest.split(/\s+/);
  const stage = flags.get("from");
  const target = join(root, to.startsWith("/") ? to : join(folder, to));
  if (stage !== undefined) {
    cpSync(join(rootOf(stage), from), target, { recursive: true });
    return;
  }
  // The build context: what git tracks, without what .dockerignore names.
  const ignored = readFileSync(join(ROOT, ".dockerignore"), "utf8").split("\n").filter(Boolean);
  for (const file of repositoryFiles()) {
    if (ignored.some((pattern) => file === pattern || file.startsWith(`${pattern}/`))) continue;
    mkdirSync(dirname(join(target, file)), { recursive: true });
    copyFileSync(join(ROOT, file), join(target, file));
  }
}

async function runStep(step: string, root: string, folder: string): Promise<void> {
  if (/^npm (install|ci)\b/.test(step)) return installFromWorkspace(step, folder);
  // Absolute paths are paths in the image. Only root can give files to another user.
  const mapped = step.replace(/(^|\s)\/(?=[a-z])/g, `$1${root}/`);
  const able = process.getuid?.() === 0 ? mapped : mapped.replace(/chown \S+ \S+/g, "true");
  await run("sh", ["-euc", able], { cwd: folder });
}

/**
 * Installs what npm would install for a step, from the copies in the workspace. Nothing leads back to the workspace, so
 * anything that the step forgets is missing. Throws when npm refuses: the lock file, for example.
 */
async function installFromWorkspace(step: string, folder: string): Promise<void> {
  const cache = join(folder, "..", "npm-cache");
  const { stdout } = await run("sh", ["-euc", `${step} --dry-run --offline --json`], {
    cwd: folder,
    env: { ...process.env, npm_config_cache: cache },
    maxBuffer: 16 * 1_048_576,
  });
  const { add } = JSON.parse(stdout.slice(stdout.indexOf("\n{"))) as { add: { path: string }[] };
  for (const name of add.map(({ path }) => relative(folder, path)).sort()) {
    const source = join(ROOT, name);
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    // A package of the workspace is a link to its folder.
    if (lstatSync(source).isSymbolicLink()) symlinkSync(readlinkSync(source), join(folder, name));
    else cpSync(source, join(folder, name), { recursive: true, filter: (path) => relative(source, path) !== "node_modules" });
  }
  // Makes the links of `.bin`.
  await run("npm", ["rebuild", "--ignore-scripts", "--offline"], { cwd: folder, env: { ...process.env, npm_config_cache: cache } });
  rmSync(cache, { recursive: true, force: true });
}
