import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** What a server had loaded when it said that it was ready. */
export interface Loaded {
  /** The files of its modules, as absolute paths. */
  files: readonly string[];
  /** Node's own modules, as `process.moduleLoadList` names them. */
  builtIn: readonly string[];
}

/** Runs in the server before its own modules. It records what is loaded, and reports that when asked. */
const NOTING = `
import { registerHooks } from "node:module";
const urls = [];
registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) });
process.once("message", () => process.send({ urls, builtIn: process.moduleLoadList }, () => process.disconnect()));
`;

/**
 * Starts a server with `node` and these arguments, waits until it says that it is ready, and stops it. Throws when it
 * does not start, or fails when it is stopped.
 */
export async function whatLoads(node: string, args: readonly string[], cwd: string): Promise<Loaded> {
  const noting = `data:text/javascript,${encodeURIComponent(NOTING)}`;
  const server = spawn(node, ["--import", noting, ...args], { cwd, stdio: ["ignore", "pipe", "inherit", "ipc"] });
  const exit = once(server, "exit");
  if ((await Promise.race([once(server.stdout as NodeJS.ReadableStream, "data"), exit.then(() => null)])) === null)
    throw new Error(`${args.join(" ")} ended before it was ready`);
  const answer = once(server, "message");
  server.send("what");
  const [{ urls, builtIn }] = (await answer) as [{ urls: string[]; builtIn: string[] }];
  server.kill("SIGTERM");
  const [code] = await exit;
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}`);
  return { files: urls.filter((url) => url.startsWith("file:")).map((url) => fileURLToPath(url)), builtIn };
}
