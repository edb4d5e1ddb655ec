import { Socket } from "node:net";
import { Readable } from "node:stream";

/**
 * Loaded before a server's own modules, in each of its threads: makes some answers end the process, as a bug in
 * whatever reads them would. It stands below any HTTP client.
 */
const ENDINGS: readonly [mark: string, end: () => void][] = [
  ["x-ends-the-process: by a signal", () => process.kill(process.pid, "SIGKILL")],
  [
    "x-ends-the-process: by an error",
    () =>
      setImmediate(() => {
        throw new Error("This answer ends the process.");
      }),
  ],
];

Socket.prototype.push = function push(chunk: Buffer | null, encoding?: BufferEncoding): boolean {
  const text = chunk === null ? "" : chunk.toString("latin1");
  for (const [mark, end] of ENDINGS) {
    if (!text.includes(mark)) continue;
    end();
    // The process ends while it reads this: nobody gets to see it.
    return true;
  }
  return Readable.prototype.push.call(this, chunk, encoding);
};
