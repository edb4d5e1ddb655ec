import { isThinName } from "@carabiner/protocol";

/** Whether a custom type has the form of Stripe's: two or more words separated by dots, such as `order.shipped`. */
export function isCustomEventType(type: string): boolean {
  return !isThinName(type) && /^[a-z0-9_]+(\.[a-z0-9_]+)+$/.test(type) && type.length <= 100;
}
