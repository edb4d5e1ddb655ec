/**
 * What an API call failed with: the status, and the kind of error. The message about a wrong key contains part of the
 * key.
 */
export function apiFailure(error: unknown): string {
  const { statusCode, type } = error as { statusCode?: unknown; type?: unknown };
  return `${typeof statusCode === "number" ? `${statusCode}, ` : ""}${typeof type === "string" ? type : "no answer"}`;
}
