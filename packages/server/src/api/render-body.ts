/** An answer's body: JSON in Stripe's format, indented by two spaces. */
export function renderBody(body: object): string {
  return JSON.stringify(body, null, 2);
}
