import { startChild } from "../bench/child.ts";
import { residentMegabytes } from "../bench/resident-megabytes.ts";
import { DEFAULT_LIMITS } from "../packages/server/src/limits.ts";
import type { HostileCase } from "./hostile-answers.ts";
import { proxiedWorld, tryOnce } from "./proxied-world.ts";
import type { RowContext, RowResult } from "./row.ts";
import type { Kind } from "./world.ts";

/**
 * The most bytes that the sockets of both sides may hold of an answer that nobody reads any longer: what Linux allows
 * for one connection, and some margin.
 */
const IN_SOCKETS_BYTES = 24 * 1_048_576;

/** A byte that is not text is stored as a character of three bytes. */
const KEPT_BYTES = DEFAULT_LIMITS.responseKeptBytes * 3;

/** A deadline of less than half a minute, and deliveries go to the endpoint however often it fails. */
const LIMITS = { attemptDeadlineMs: 2_000, breakerFailures: 0 };

/**
 * Answers one event after another with one of these answers, and checks what is recorded. Then it fixes the receiver
 * and checks that everything arrives after all.
 */
export async function tryAnswers(kind: Kind, context: RowContext, cases: readonly HostileCase[]): Promise<RowResult> {
  const breaches: string[] = [];
  const proxied = await proxiedWorld(kind, context);
  const { world } = proxied;
  const { child: hostile, hello } = await startChild<{ port: number }>(new URL("./hostile-receiver.ts", import.meta.url), [
    world.arrivalsFile,
    world.secret,
  ]);
  try {
    let node = await world.startNode({ limits: LIMITS });
    // So that modules that are loaded at the first attempt do not count as growth.
    await tryOnce(world, node);
    const before = residentMegabytes(node.child.pid);
    const most = { bytesTaken: 0, bytesKept: 0, attemptMs: 0 };
    let nodesEnded = 0;
    for (const { name, answer, outcomes } of cases) {
      await hostile.ask(answer);
      await proxied.order({ to: hello.port });
      const tried = await tryOnce(world, node);
      if (tried === null) {
        nodesEnded++;
        breaches.push(`the node ended over: ${name}`);
        await proxied.order({});
        node = await world.startNode({ limits: LIMITS });
        continue;
      }
      const [attempt] = tried.delivery.attempts;
      const outcome = attempt?.outcome ?? "none";
      if (!outcomes.includes(outcome)) breaches.push(`${name}: ended as ${outcome}, not as ${outcomes.join(" or ")}`);
      const { bytes } = await proxied.seen();
      most.attemptMs = Math.max(most.attemptMs, attempt?.duration_ms ?? 0);
      most.bytesKept = Math.max(most.bytesKept, Buffer.byteLength(attempt?.response_body ?? ""));
      most.bytesTaken = Math.max(most.bytesTaken, bytes.answer);
    }
    if (most.bytesKept > KEPT_BYTES) breaches.push(`${most.bytesKept} bytes of an answer were kept`);
    if (most.bytesTaken > IN_SOCKETS_BYTES) breaches.push(`${most.bytesTaken} bytes of an answer were taken`);
    const grownMb = Math.round(residentMegabytes(node.child.pid) - before);
    await proxied.order({});
    await world.runOut();
    const verdict = await world.verdict({ faulty: nodesEnded > 0 });
    breaches.push(...verdict.breaches);
    return {
      breaches,
      figures: {
        ...verdict.figures,
        answers: cases.length,
        nodesEnded,
        mostBytesTaken: most.bytesTaken,
        mostBytesKept: most.bytesKept,
        longestAttemptMs: most.attemptMs,
        grownMb,
      },
    };
  } finally {
    await proxied.close();
    await hostile.stop();
  }
}
