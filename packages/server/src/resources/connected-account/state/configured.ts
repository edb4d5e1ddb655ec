/** What only the v2 API decides about an account. */
export interface Configured {
  /** Whether v2 made it. Then it has the capabilities that were requested, and none by itself. */
  made: boolean;
  /** The configurations that were applied, or deactivated, by name. */
  applied: Readonly<Partial<Record<"customer" | "merchant" | "recipient", boolean>>>;
  /** Whether its responsibilities were chosen. That happens once. */
  responsible: boolean;
  /** The id of the customer that it is to the platform that created it, once its customer configuration was applied. */
  customer?: string;
}

/** An account that v1 made, and that v2 has not changed. */
export const NOT_CONFIGURED: Configured = { made: false, applied: {}, responsible: true };
