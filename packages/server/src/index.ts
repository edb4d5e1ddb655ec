export { addKey, createKeyFile } from "./key-file.ts";
export { DEFAULT_LIMITS, type Limits } from "./limits.ts";
export type { ClientIds, Platform } from "./resources/platforms/create-platform.ts";
export type { KeyPair, Keys } from "./resources/platforms/issue-keys.ts";
export { countSecrets, type RotateOptions, type Rotation, rotateSecrets } from "./rotate-secrets.ts";
export { keyFileBeside, type SecretKeys, type StoreLocation } from "./secret-keys.ts";
export { type Carabiner, type CarabinerOptions, createPlatform, type Role, startCarabiner } from "./start-carabiner.ts";
export { type SwitchedEndpoint, switchStoredEndpoint } from "./switch-endpoint.ts";
