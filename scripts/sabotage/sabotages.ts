import { ACCESS_SABOTAGES } from "./access-sabotages.ts";
import { DELIVERY_SABOTAGES } from "./delivery-sabotages.ts";
import { GUARD_SABOTAGES } from "./guard-sabotages.ts";
import { ISOLATION_SABOTAGES } from "./isolation-sabotages.ts";
import { PAGE_SABOTAGES } from "./page-sabotages.ts";
import type { Sabotage } from "./sabotage.ts";
import { SECRET_SABOTAGES } from "./secret-sabotages.ts";
import { STORE_SABOTAGES } from "./store-sabotages.ts";
import { TENANT_SABOTAGES } from "./tenant-sabotages.ts";
import { TRANSPORT_SABOTAGES } from "./transport-sabotages.ts";
import { UNCLEAN_END_SABOTAGES } from "./unclean-end-sabotages.ts";

/** Every bug that is introduced on purpose. `npm run sabotage` shows that the tests catch each of them. */
export const SABOTAGES: readonly Sabotage[] = [
  ...STORE_SABOTAGES,
  ...UNCLEAN_END_SABOTAGES,
  ...SECRET_SABOTAGES,
  ...DELIVERY_SABOTAGES,
  ...ISOLATION_SABOTAGES,
  ...TRANSPORT_SABOTAGES,
  ...TENANT_SABOTAGES,
  ...ACCESS_SABOTAGES,
  ...PAGE_SABOTAGES,
  ...GUARD_SABOTAGES,
];
