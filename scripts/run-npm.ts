import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Runs npm: the one that runs this program, or the one in the path. Throws an error with its output when it fails. */
export async function runNpm(args: readonly string[], cwd: string): Promise<{ stdout: string }> {
  const script = process.env.npm_execpath;
  const own = script?.endsWith(".js") === true && readFileSync(script, "utf8").includes("npm");
  const [command, given] = own && script !== undefined ? [process.execPath, [script, ...args]] : ["npm", args];
  try {
    return await run(command, given, { cwd, maxBuffer: 64 * 1_048_576, shell: process.platform === "win32" && !own });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`npm ${args.join(" ")} failed:\n${stdout}${stderr}`, { cause: error });
  }
}
