export { DEFAULT_LIMITS, type Limits } from "./limits.ts";
export type { Platform } from "./resources/create-platform.ts";
export type { KeyPair, Keys } from "./resources/issue-keys.ts";
export { type Carabiner, type CarabinerOptions, createPlatform, startCarabiner } from "./start-carabiner.ts";
