import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";

/** The fields of our package.json files that the build uses. */
export interface Manifest {
  name: string;
  dependencies?: Record<string, string>;
  exports?: Record<string, string>;
  bin?: Record<string, string>;
  repository?: Repository;
  [field: string]: unknown;
}

/** Where the compiled form of a package is written. */
export type OutputFolder = (packageFolder: string) => string;

/**
 * The kinds of module that a package is published as: only ES modules, or also CommonJS, for programs that use
 * `require`.
 */
export type Forms = "esm" | "esm and cjs";

/** The folder of the CommonJS form, within the published package. */
const CJS = "cjs";

/** Fields that only have a meaning in the repository. */
const LOCAL_FIELDS = ["scripts", "devDependencies", "private"];

/** Where a package's sources are, as package.json says it. */
export interface Repository {
  type: "git";
  url: string;
  directory: string;
}

/**
 * The repository that a GitHub workflow builds; null outside one. A package that is published with provenance must name
 * it. Source: https://docs.npmjs.com/generating-provenance-statements
 */
export function repositoryOf(folder: string, env: NodeJS.ProcessEnv): Repository | null {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name } = env;
  if (!server || !name) return null;
  return { type: "git", url: `git+${server}/${name}.git`, directory: `packages/${folder}` };
}

/**
 * Compiles a package for publishing: JavaScript and declarations of everything its exports and commands reach, a
 * package.json that names them, README and licence. The packages it depends on must be built already. Throws with
 * the compiler's output when it does not compile.
 */
export async function buildPackage(root: string, folder: string, outputOf: OutputFolder, forms: Forms = "esm"): Promise<void> {
  const home = join(root, "packages", folder);
  const output = outputOf(folder);
  const manifest = JSON.parse(await readFile(join(home, "package.json"), "utf8")) as Manifest;
  await rm(output, { recursive: true, force: true });
  await mkdir(output, { recursive: true });

  const entries = [...Object.values(manifest.exports ?? {}), ...Object.values(manifest.bin ?? {})];
  const siblings = Object.keys(manifest.dependencies ?? {}).filter((name) => name.startsWith("@carabiner/"));
  const compileInto = async (target: string, options: object): Promise<void> => {
    const configuration = join(output, "tsconfig.json");
    await writeFile(
      configuration,
      JSON.stringify({
        extends: join(root, "tsconfig.json"),
        compilerOptions: {
          noEmit: false,
          target: "es2024",
          declaration: true,
          allowImportingTsExtensions: false,
          rewriteRelativeImportExtensions: true,
          rootDir: join(home, "src"),
          outDir: target,
          typeRoots: [join(root, "node_modules/@types")],
          // Its siblings in their installed form, so that their sources are not compiled into it.
          paths: Object.fromEntries(siblings.map((name) => [name, [join(outputOf(name.slice("@carabiner/".length)), "index.d.ts")]])),
          ...options,
        },
        files: entries.map((entry) => join(home, entry)),
        include: [],
      }),
    );
    await compile(root, configuration, manifest.name);
    await rm(configuration);
  };
  await compileInto(output, {});
  if (forms === "esm and cjs") {
    // The sources are ES modules, so the output must be marked as CommonJS.
    await compileInto(join(output, CJS), { module: "commonjs", moduleResolution: "bundler", verbatimModuleSyntax: false });
    await writeFile(join(output, CJS, "package.json"), '{ "type": "commonjs" }\n');
  }

  const made = published(manifest, forms, repositoryOf(folder, process.env));
  await writeFile(join(output, "package.json"), `${JSON.stringify(made, null, 2)}\n`);
  for (const command of Object.values(made.bin ?? {})) await chmod(join(output, command), 0o755);
  const readme = join(home, "README.md");
  await copyFile(existsSync(readme) ? readme : join(root, "README.md"), join(output, "README.md"));
  await copyFile(join(root, "LICENSE"), join(output, "LICENSE"));
}

/** The package.json of the compiled form: sources become JavaScript and declarations beside it. */
export function published(
  manifest: Manifest,
  forms: Forms = "esm",
  repository: Repository | null = null,
): Omit<Manifest, "exports"> & { exports?: Record<string, unknown> } {
  const compiled = (source: string, ending: string): string => relative("src", source).replace(/\.ts$/, ending);
  const within = (folder: string, source: string): { types: string; default: string } => ({
    types: `${folder}${compiled(source, ".d.ts")}`,
    default: `${folder}${compiled(source, ".js")}`,
  });
  const kept = Object.fromEntries(Object.entries(manifest).filter(([field]) => !LOCAL_FIELDS.includes(field))) as Manifest;
  const { exports: sources, bin, ...rest } = kept;
  const main = sources?.["."];
  const entryOf = (source: string): unknown =>
    forms === "esm" ? within("./", source) : { import: within("./", source), require: within(`./${CJS}/`, source) };
  return {
    ...rest,
    ...(repository === null ? {} : { repository }),
    publishConfig: { access: "public", provenance: true },
    // For tools that do not support `exports`.
    ...(forms === "esm" || main === undefined ? {} : { main: within(`./${CJS}/`, main).default, types: within(`./${CJS}/`, main).types }),
    ...(sources === undefined
      ? {}
      : { exports: Object.fromEntries(Object.entries(sources).map(([key, source]) => [key, entryOf(source)])) }),
    ...(bin === undefined
      ? {}
      : // Without the `./`, which npm takes away with a warning.
        { bin: Object.fromEntries(Object.entries(bin).map(([name, source]) => [name, compiled(source, ".js")])) }),
  };
}

async function compile(root: string, configuration: string, name: string): Promise<void> {
  try {
    await promisify(execFile)(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", configuration], {
      cwd: dirname(configuration),
    });
  } catch (error) {
    throw new Error(`${name} does not compile:\n${(error as { stdout?: string }).stdout ?? ""}`, { cause: error });
  }
}
