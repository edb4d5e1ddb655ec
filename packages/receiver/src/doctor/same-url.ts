/** Whether two addresses lead to the same route. A slash at the end makes no difference. */
export function sameUrl(one: string, other: string): boolean {
  return one.replace(/\/$/, "") === other.replace(/\/$/, "");
}
