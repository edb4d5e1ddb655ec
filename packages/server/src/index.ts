export { DEFAULT_LIMITS, type Limits } from "./limits.ts";
export type { ClientIds, Platform } from "./resources/platforms/create-platform.ts";
export type { KeyPair, Keys } from "./resources/platforms/issue-keys.ts";
export { type Carabiner, type CarabinerOptions, createPlatform, type Role, type StoreLocation, startCarabiner } from "./start-carabiner.ts";
export { type SwitchedEndpoint, switchStoredEndpoint } from "./switch-endpoint.ts";
