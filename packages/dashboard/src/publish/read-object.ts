/** Parses the typed object of an event. Returns the object, or what is wrong with it. */
export function readObject(typed: string): { value: object; problem: null } | { value: null; problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(typed);
  } catch (error) {
    return { value: null, problem: `This is no JSON: ${(error as Error).message}` };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { value: null, problem: "The object of an event is a JSON object: { … }." };
  return { value, problem: null };
}
