/** Whether a type of one's own has the form of Stripe's: two or more words with dots between, such as `order.shipped`. */
export function isCustomEventType(type: string): boolean {
  return /^[a-z0-9_]+(\.[a-z0-9_]+)+$/.test(type) && type.length <= 100;
}
