import { runProgram } from "../src/program.ts";
import { capturedTerminal } from "./captured-terminal.ts";

/** Runs a command that runs a server, in this process; `stop` is Ctrl+C, `ended` its exit code. */
export async function startCommand(...args: string[]) {
  const terminal = capturedTerminal();
  const ready = Promise.withResolvers<string>();
  const print = terminal.print;
  terminal.print = (text) => {
    print(text);
    ready.resolve(text);
  };
  const ended = runProgram(args, terminal);
  const first = await Promise.race([
    ready.promise,
    ended.then((code) => Promise.reject(new Error(`ended with ${code}: ${terminal.told.join("\n")}`))),
  ]);
  return { first, terminal, ended };
}
