import { chmod, copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { basename, join, sep } from "node:path";
import { rolldown } from "rolldown";
import { type Manifest, published, repositoryOf } from "./build-package.ts";

/** The file with the licences of everything that is bundled. */
export const NOTICES = "THIRD-PARTY-LICENSES.md";

/** The health check of a container, which must not wait for the whole command to load. */
const HEALTH_CHECK = "ready.mjs";

/** Modules that run in a separate thread. They are started by name, from the folder of the other modules. */
export const THREADS = ["packages/server/src/engine-thread.ts", "packages/server/src/backup-thread.ts"];

/**
 * Builds a package whose only purpose is a command: its modules and everything they import become a few files, so that
 * it starts in a third of the time and installs without dependencies. Chunks are loaded when they are needed:
 * PostgreSQL's driver with the first `postgres://`. Names are kept, for stack traces. Also writes package.json, README,
 * licence and the licences of everything that is bundled.
 */
export async function bundleCommand(root: string, folder: string, output: string): Promise<void> {
  const home = join(root, "packages", folder);
  const manifest = JSON.parse(await readFile(join(home, "package.json"), "utf8")) as Manifest;
  await rm(output, { recursive: true, force: true });
  await mkdir(output, { recursive: true });

  const modules = await bundleModules(
    root,
    { main: join(home, "src/main.ts"), ...Object.fromEntries(THREADS.map((module) => [basename(module, ".ts"), join(root, module)])) },
    output,
  );

  const { dependencies: _, ...alone } = published(manifest, "esm", repositoryOf(folder, process.env));
  await writeFile(join(output, "package.json"), `${JSON.stringify(alone, null, 2)}\n`);
  for (const source of Object.values(manifest.bin ?? {})) {
    // It is copied unchanged, because an old Node.js must be able to parse it.
    const text = (await readFile(join(home, source), "utf8")).replace("./main.ts", "./main.js");
    await writeFile(join(output, basename(source)), text);
  }
  await copyFile(join(home, "src", HEALTH_CHECK), join(output, HEALTH_CHECK));
  for (const command of Object.values(alone.bin ?? {})) await chmod(join(output, command), 0o755);
  await writeFile(join(output, NOTICES), await notices(modules));
  await copyFile(join(root, "README.md"), join(output, "README.md"));
  await copyFile(join(root, "LICENSE"), join(output, "LICENSE"));
}

/**
 * Bundles modules, by the names that they get in `output`, with everything that they import. Returns the paths of
 * everything that was bundled. Throws when something cannot be resolved.
 */
export async function bundleModules(root: string, input: Readonly<Record<string, string>>, output: string): Promise<string[]> {
  const bundle = await rolldown({
    input,
    cwd: root,
    platform: "node",
    plugins: [
      {
        name: "fast to load",
        generateBundle(_, written) {
          for (const file of Object.values(written)) if (file.type === "chunk") file.code = asciiOnly(withoutFacades(file.code));
        },
      },
    ],
    onLog(level, log) {
      if (level === "warn") throw new Error(`${Object.values(input)[0]} does not bundle: ${log.message}`);
    },
  });
  const { output: files } = await bundle.write({
    dir: output,
    format: "esm",
    chunkFileNames: "[name]-[hash].js",
    comments: false,
    minify: { compress: { keepNames: { function: true, class: true } }, mangle: false, codegen: { removeWhitespace: false } },
  });
  await bundle.close();
  return files.flatMap((file) => (file.type === "chunk" ? file.moduleIds : []));
}

const IMPORTED = /^(?:([\w$]+)(?:, *(?=\{))?)?(?:\{([^}]*)\})?$/;

/**
 * The same code, which gets Node.js's own modules without importing them. An import reads everything that a module
 * exports, and that loads more modules: all of Web Crypto and HTTP/2, a tenth of the start. Throws for an import of
 * another form.
 */
export function withoutFacades(code: string): string {
  // If a module declares `process` itself, the name is not usable before that statement.
  const from = /^import process\b/m.test(code) ? "globalThis.process" : "process";
  return code.replace(/^import (.*) from "([^"]+)";$/gm, (statement, names: string, module: string) => {
    if (!isBuiltin(module)) return statement;
    const [, whole, parts] = IMPORTED.exec(names) ?? [];
    if (whole === undefined && parts === undefined) throw new Error(`this import cannot be taken apart: ${statement}`);
    const patterns = [...(whole === undefined ? [] : [whole]), ...(parts === undefined ? [] : [`{${parts.replaceAll(" as ", ": ")}}`])];
    return `const ${patterns.map((pattern) => `${pattern} = ${from}.getBuiltinModule("${module}")`).join(", ")};`;
  });
}

/**
 * The same code with every other character escaped. V8 reads ASCII fastest. It stores a source that contains a
 * character beyond Latin-1 with two bytes for each character, which is 7 MB of a server's memory.
 */
function asciiOnly(code: string): string {
  return code.replace(/[^\0-\x7f]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The licences of the installed packages that modules belong to. Throws for a package without a licence. */
async function notices(modules: readonly string[]): Promise<string> {
  const folders = new Set(modules.map(installedFolder).filter((folder) => folder !== null));
  const texts: string[] = [];
  for (const folder of [...folders].sort()) {
    const { name, version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as Record<string, string>;
    const file = (await readdir(folder)).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
    if (file === undefined && license === undefined) throw new Error(`${name} has no licence`);
    const text = file === undefined ? `${license}, as its package.json says.` : (await readFile(join(folder, file), "utf8")).trim();
    texts.push(`## ${name} ${version}\n\n${text}\n`);
  }
  return `# Licences of what this package contains\n\n${texts.join("\n")}`;
}

/** The folder of the installed package that a module belongs to; null for our own. */
function installedFolder(module: string): string | null {
  const marker = `${sep}node_modules${sep}`;
  const at = module.lastIndexOf(marker);
  if (at < 0) return null;
  const [first = "", second = ""] = module.slice(at + marker.length).split(sep);
  return join(module.slice(0, at), "node_modules", first.startsWith("@") ? join(first, second) : first);
}
