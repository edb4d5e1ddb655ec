/**
 * The resources that a restricted key can have access to, and the kinds of access to each. The names are Stripe's,
 * except for `event_write` (publishing and resending) and `request_log_read`, which only this server has.
 * Source: https://docs.stripe.com/keys/permissions-reference
 */
const ACCESS_TO = {
  account_link: ["write"],
  account_session: ["write"],
  application_fee: ["read", "write"],
  balance: ["read"],
  billing_clock: ["read", "write"],
  charge: ["read", "write"],
  checkout_session: ["read", "write"],
  connected_account: ["read", "write"],
  coupon: ["read", "write"],
  customer: ["read", "write"],
  dispute: ["read", "write"],
  edit_link: ["write"],
  ephemeral_key: ["write"],
  event: ["read", "write"],
  file: ["read", "write"],
  payment_intent: ["read", "write"],
  payment_method: ["read", "write"],
  payment_method_domain: ["read", "write"],
  payout: ["read", "write"],
  plan: ["read", "write"],
  product: ["read", "write"],
  promotion_code: ["read", "write"],
  request_log: ["read"],
  setup_intent: ["read", "write"],
  source: ["read", "write"],
  stripecli_session: ["write"],
  tax_rate: ["read", "write"],
  token: ["read", "write"],
  top_up: ["read", "write"],
  transfer: ["read", "write"],
  webhook: ["read", "write"],
} as const satisfies Readonly<Record<string, readonly Access[]>>;

/** The kinds of access. `write` includes `read`. */
export type Access = "read" | "write";

/** A resource of permissions, such as `charge`. */
export type PermissionResource = keyof typeof ACCESS_TO;

/** What a restricted key may do with a resource, such as `charge_read`. */
export type Permission = { [Name in PermissionResource]: `${Name}_${(typeof ACCESS_TO)[Name][number]}` }[PermissionResource];

/** All permissions, by name. */
export const PERMISSIONS: readonly Permission[] = Object.entries(ACCESS_TO).flatMap(([name, kinds]) =>
  kinds.map((access) => `${name}_${access}` as Permission),
);

/** How errors name a permission: `rak_charge_read`. */
const SHOWN_PREFIX = "rak_";

/** A permission as errors show it. */
export const shownPermission = (permission: Permission): string => SHOWN_PREFIX + permission;

/** The permission that a text names, with or without the prefix that errors show; null when it does not name one. */
export function permissionNamed(text: string): Permission | null {
  const name = text.startsWith(SHOWN_PREFIX) ? text.slice(SHOWN_PREFIX.length) : text;
  return (PERMISSIONS as readonly string[]).includes(name) ? (name as Permission) : null;
}

/** The permission for one kind of access to a resource; null when the resource does not have that kind of access. */
export function permissionFor(resource: PermissionResource, access: Access): Permission | null {
  return permissionNamed(`${resource}_${access}`);
}

/** Whether some permissions include another one. */
export function permits(given: readonly Permission[], wanted: Permission): boolean {
  return given.includes(wanted) || (wanted.endsWith("_read") && given.includes(wanted.replace(/_read$/, "_write") as Permission));
}
