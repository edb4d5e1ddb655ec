import "./oldest-node.ts";

export type { Carabiner } from "./carabiner.ts";
export type { CarabinerOptions, NodeRole } from "./carabiner-options.ts";
export { createPlatform } from "./create-platform.ts";
export { DEFAULT_RETRY_POLICY, RETRY_POLICIES, type RetryPolicyName } from "./deliveries/retry-policies.ts";
export { addKey, createKeyFile } from "./key-file.ts";
export { DEFAULT_LIMITS, type Limits } from "./limits.ts";
export { type Operator, openOperator } from "./open-operator.ts";
export { checkPlatform } from "./resources/platforms/check-platform.ts";
export type { ClientIds, Platform } from "./resources/platforms/create-platform.ts";
export type { KeyPair, Keys } from "./resources/platforms/issue-keys.ts";
export { type RestoreRefused, restoreBackup } from "./restore-backup.ts";
export { countSecrets, type RotateOptions, type Rotation, rotateSecrets } from "./rotate-secrets.ts";
export { keyFileBeside, type SecretKeys, type StoreLocation } from "./secret-keys.ts";
export type { Activity } from "./service/activity.ts";
export { startCarabiner } from "./start-carabiner.ts";
export { type SwitchedEndpoint, switchStoredEndpoint } from "./switch-endpoint.ts";
