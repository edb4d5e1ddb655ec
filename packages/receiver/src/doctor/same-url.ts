/** Whether two addresses lead to the same route: a slash at the end changes nothing. */
export function sameUrl(one: string, other: string): boolean {
  return one.replace(/\/$/, "") === other.replace(/\/$/, "");
}
