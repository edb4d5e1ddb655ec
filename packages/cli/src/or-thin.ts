import { CommandFailure } from "./command-failure.ts";
import { EXIT_CODES } from "./exit-codes.ts";

/** The path of an endpoint in v2, which knows it by the same id. */
export function destinationPath(id: string): string {
  return `/v2/core/event_destinations/${encodeURIComponent(id)}`;
}

/**
 * Makes a call of v1, or that of v2 for an endpoint that v1 does not know: only v2 has those for thin events. If
 * neither knows it, the error is that of v1.
 */
export async function orThin<Answer>(v1: () => Promise<Answer>, v2: () => Promise<Answer>): Promise<Answer> {
  try {
    return await v1();
  } catch (error) {
    if (!isMissing(error)) throw error;
    return v2().catch((other: unknown) => {
      throw isMissing(other) ? error : other;
    });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof CommandFailure && error.exitCode === EXIT_CODES.notFound;
}
