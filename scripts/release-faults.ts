import type { Repository } from "./build-package.ts";

/** The parts of a package that a release needs: its own package.json, and the files that were packed with it. */
export interface Release {
  manifest: Readonly<Record<string, unknown>>;
  files: readonly string[];
  /** Its required name. */
  name: string;
  /** The version of the workspace: all packages of a release have the same. */
  version: string;
  /** The repository that it is built from; null outside of a workflow, where nothing is published. */
  repository: Repository | null;
}

/** Files that a user's package has no use for, or must not contain. */
const UNWANTED = /(?<!\.d)\.m?ts$|\.test\.|\.map$|(^|\/)(tsconfig[^/]*\.json|node_modules\/|\.env|\.npmrc|[^/]*\.(tgz|log|key|pem|db))/;
const ALWAYS = ["package.json", "README.md", "LICENSE"];
const VERSION = /^\d+\.\d+\.\d+$/;

/**
 * What would be broken in a release of a packed package, one line for each fault. npm publishes nearly all of these
 * without a warning, and a published version cannot be replaced.
 */
export function releaseFaults({ manifest, files, name, version, repository }: Release): string[] {
  const has = new Set(files);
  const faults: string[] = [];
  const must = (holds: boolean, fault: string): void => {
    if (!holds) faults.push(fault);
  };
  must(manifest.name === name, `its name is ${JSON.stringify(manifest.name)}, not ${name}`);
  // npm requires a tag for a prerelease, and would otherwise make it the version that everyone gets.
  must(VERSION.test(version), `the version ${version} is not a release's, such as 1.2.3`);
  must(manifest.version === version, `its version is ${JSON.stringify(manifest.version)}, and the workspace's ${version}`);
  must(manifest.private === undefined, "it is private, so npm refuses to publish it");
  must(manifest.scripts === undefined, "it has scripts, which npm runs when it is installed");
  must(manifest.devDependencies === undefined, "it has devDependencies, which are the repository's");
  must(manifest.files === undefined, "it has `files`, which leaves out what was built");
  for (const field of ["description", "license", "type"]) must(typeof manifest[field] === "string", `it has no ${field}`);
  must(textIn(manifest.engines).length > 0, "it has no engines");

  for (const file of ALWAYS) must(has.has(file), `${file} is missing`);
  for (const file of files) must(!UNWANTED.test(file), `${file} is in it`);
  const targets = ["exports", "main", "types", "bin"].flatMap((field) => textIn(manifest[field]).map((target) => [field, target] as const));
  must(manifest.exports !== undefined || manifest.bin !== undefined, "it has neither exports nor a command");
  for (const [field, target] of targets) {
    // Node.js refuses a target of exports without it.
    must(field !== "exports" || target.startsWith("./"), `exports names ${target}, which does not begin with ./`);
    must(has.has(target.replace(/^\.\//, "")), `${field} names ${target}, which is not in it`);
  }

  for (const [dependency, range] of Object.entries((manifest.dependencies ?? {}) as Record<string, string>)) {
    const own = dependency.startsWith("@carabiner/");
    must(!own || range === version, `it depends on ${dependency} ${range}, which is not released with it`);
    must(own || /^[\d^~<>=]/.test(range), `it depends on ${dependency} ${range}, which no registry has`);
  }

  const { access, provenance } = (manifest.publishConfig ?? {}) as { access?: unknown; provenance?: unknown };
  must(access === "public", "publishConfig does not say that access is public: npm makes a package with a scope private");
  must(provenance === true, "publishConfig does not ask for provenance");
  // The registry refuses a provenance that names a repository other than the package's.
  // Source: https://docs.npmjs.com/generating-provenance-statements
  must(
    repository === null || JSON.stringify(manifest.repository) === JSON.stringify(repository),
    `its repository is ${JSON.stringify(manifest.repository)}, not the one that it is built from`,
  );
  return faults;
}

/** All text in a field, at any depth. */
function textIn(field: unknown): string[] {
  if (typeof field === "string") return [field];
  return typeof field === "object" && field !== null ? Object.values(field).flatMap(textIn) : [];
}
