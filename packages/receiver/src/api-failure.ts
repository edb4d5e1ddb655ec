/**
 * How an API call failed: the status, and the kind of error. It leaves out the message, because the one about a wrong
 * key contains part of the key.
 */
export function apiFailure(error: unknown): string {
  const { statusCode, type } = error as { statusCode?: unknown; type?: unknown };
  return `${typeof statusCode === "number" ? `${statusCode}, ` : ""}${typeof type === "string" ? type : "no answer"}`;
}
