import { CommandFailure } from "./command-failure.ts";
import { EXIT_CODES } from "./exit-codes.ts";

/** The path of an endpoint in v2, which uses the same id. */
export function destinationPath(id: string): string {
  return `/v2/core/event_destinations/${encodeURIComponent(id)}`;
}

/**
 * Makes a v1 call, or the v2 call for an endpoint that v1 does not know: only v2 has endpoints for thin events. If
 * neither knows the endpoint, the error is v1's.
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
