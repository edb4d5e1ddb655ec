import { execFile } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { rolldown } from "rolldown";
import { NOTICES, THREADS } from "./bundle-command.ts";
import { runNpm } from "./run-npm.ts";

const run = promisify(execFile);

/**
 * Builds one executable file of the bundled command and the Node.js that runs this: for this machine's system and
 * processor. Writes the licences of everything that it contains beside it. Resolves with its path. Throws when this
 * Node.js cannot build one, or a step fails.
 * Source: https://nodejs.org/api/single-executable-applications.html
 */
export async function buildExecutable(root: string, command: string, output: string): Promise<string> {
  const executable = join(output, process.platform === "win32" ? "carabiner.exe" : "carabiner");
  await rm(output, { recursive: true, force: true });
  await mkdir(output, { recursive: true });
  const scratch = await mkdtemp(join(tmpdir(), "carabiner-executable-"));
  try {
    const assets = await filesOf(root, command, scratch);
    const configuration = join(scratch, "configuration.json");
    await writeFile(
      configuration,
      JSON.stringify({
        main: join(command, "main.js"),
        mainFormat: "module",
        executable: process.execPath,
        output: executable,
        disableExperimentalSEAWarning: true,
        // The main module finds the others, and the page, as files beside it.
        useVfs: true,
        assets,
      }),
    );
    await run(process.execPath, ["--build-sea", configuration]);
    // macOS runs only signed files, and this file is no longer the signed Node.js.
    if (process.platform === "darwin") await run("codesign", ["--sign", "-", "--force", executable]);
    const notices = await readFile(join(command, NOTICES), "utf8");
    await writeFile(join(output, NOTICES), `${notices}\n## Node.js ${process.versions.node}\n\n${await licenceOfNode(scratch)}`);
    await cp(join(root, "LICENSE"), join(output, "LICENSE"));
    return executable;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The files that go into the executable in addition to the main module: the path of each, by its name inside. */
async function filesOf(root: string, command: string, scratch: string): Promise<Record<string, string>> {
  const names = globSync("**/*.{js,json,html,css,svg,png,ico,woff2,txt,md,br,gz}", { cwd: command });
  const files = Object.fromEntries(
    names.filter((name) => name !== "main.js").map((name) => [name.replaceAll("\\", "/"), join(command, name)]),
  );
  // Threads cannot see those files. A thread's module is one script that contains everything it needs.
  for (const module of THREADS) {
    const name = `${basename(module, ".ts")}.js`;
    files[name] = join(scratch, name);
    const bundle = await rolldown({
      input: join(root, module),
      cwd: root,
      platform: "node",
      onLog(level, log) {
        if (level === "warn") throw new Error(`${module} does not bundle: ${log.message}`);
      },
    });
    await bundle.write({ file: files[name], format: "cjs", codeSplitting: false, comments: { legal: false } });
    await bundle.close();
  }
  return files;
}

/** The licence of the Node.js that runs this, from the folder beside it or from the npm package that it came in. */
async function licenceOfNode(scratch: string): Promise<string> {
  const beside = [join(dirname(process.execPath), "../LICENSE"), join(dirname(process.execPath), "LICENSE")];
  for (const file of beside) if (existsSync(file)) return readFile(file, "utf8");
  const platform = process.platform === "win32" ? "win" : process.platform;
  const prefix = platform === "darwin" && process.arch === "arm64" ? "node-bin" : "node";
  const source = `${prefix}-${platform}-${process.arch}@${process.versions.node}`;
  const { stdout } = await runNpm(["pack", source, "--json", "--prefer-offline", "--pack-destination", scratch], scratch);
  const [row] = Object.values(JSON.parse(stdout) as { filename: string }[] | Record<string, { filename: string }>);
  if (row === undefined) throw new Error(`npm has no ${source}, which has the licence of Node.js: ${stdout}`);
  await run("tar", ["-xzf", row.filename, "package/LICENSE"], { cwd: scratch });
  return readFile(join(scratch, "package/LICENSE"), "utf8");
}
