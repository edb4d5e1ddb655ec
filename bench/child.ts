import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A process of a benchmark, spoken to over IPC: one question, one answer. */
export interface Child {
  ask<Answer>(question: unknown): Promise<Answer>;
  pid: number;
  stop(): Promise<void>;
}

/** Starts a file of this folder; resolves with what it says first. */
export async function startChild<Hello>(file: string, args: readonly string[] = []): Promise<{ child: Child; hello: Hello }> {
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
      if (process.exitCode !== null) return;
      const exit = once(process, "exit");
      process.disconnect();
      await exit;
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
