import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A process of a benchmark, which is controlled over IPC: one question, one answer. */
export interface Child {
  ask<Answer>(question: unknown): Promise<Answer>;
  pid: number;
  /** Lets it end on its own, and waits for that. */
  stop(): Promise<void>;
  /**
   * Sends a signal, and waits until the process is gone. Resolves with its exit code, or null when the signal ended it.
   */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/**
 * Starts a file, of this folder when it is not a whole URL. Resolves with its first message. `under`: a program that
 * starts it, with its arguments. `nodeOptions`: options of Node.js.
 */
export async function startChild<Hello>(
  file: string | URL,
  args: readonly string[] = [],
  { under = [], nodeOptions = [] }: { under?: readonly string[]; nodeOptions?: readonly string[] } = {},
): Promise<{ child: Child; hello: Hello }> {
  const [program = process.execPath, ...rest] = [...under, process.execPath];
  const started: ChildProcess = fork(fileURLToPath(new URL(file, import.meta.url)), args, {
    execPath: program,
    execArgv: [...rest, ...nodeOptions],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const hello = await answer<Hello>(started);
  const child: Child = {
    pid: started.pid ?? 0,
    ask: (question) => {
      const reply = answer(started);
      started.send(question as object);
      return reply as Promise<never>;
    },
    async stop() {
      if (started.exitCode !== null || started.signalCode !== null) return;
      const exit = once(started, "exit");
      started.disconnect();
      await exit;
    },
    async end(signal) {
      if (started.exitCode !== null || started.signalCode !== null) return started.exitCode;
      const exit = once(started, "exit");
      started.kill(signal);
      const [code] = (await exit) as [number | null];
      return code;
    },
  };
  return { child, hello };
}

async function answer<Answer>(process: ChildProcess): Promise<Answer> {
  const gone = new AbortController();
  const exit = once(process, "exit", { signal: gone.signal }).then(([code]) => {
    throw new Error(`a benchmark's process ended early with code ${code}`);
  });
  try {
    const [message] = (await Promise.race([once(process, "message"), exit])) as [Answer];
    return message;
  } finally {
    gone.abort();
    exit.catch(() => undefined);
  }
}
