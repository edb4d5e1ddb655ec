import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A process of a benchmark, spoken to over IPC: one question, one answer. */
export interface Child {
  ask<Answer>(question: unknown): Promise<Answer>;
  pid: number;
  /** Lets it end by itself, and waits for that. */
  stop(): Promise<void>;
  /** Sends a signal, and waits until it is gone. Resolves with its exit code, null when the signal ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** Starts a file, of this folder when it is not a whole URL; resolves with what it says first. */
export async function startChild<Hello>(file: string | URL, args: readonly string[] = []): Promise<{ child: Child; hello: Hello }> {
  const process: ChildProcess = fork(fileURLToPath(new URL(file, import.meta.url)), args, {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const hello = await answer<Hello>(process);
  const child: Child = {
    pid: process.pid ?? 0,
    ask: (question) => {
      const reply = answer(process);
      process.send(question as object);
      return reply as Promise<never>;
    },
    async stop() {
      if (process.exitCode !== null || process.signalCode !== null) return;
      const exit = once(process, "exit");
      process.disconnect();
      await exit;
    },
    async end(signal) {
      const exit = once(process, "exit");
      process.kill(signal);
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
