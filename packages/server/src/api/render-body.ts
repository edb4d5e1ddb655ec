/** An answer's body: JSON as Stripe prints it, indented by two spaces. */
export function renderBody(body: object): string {
  return JSON.stringify(body, null, 2);
}
