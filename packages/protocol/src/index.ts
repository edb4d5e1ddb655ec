export { API_ERRORS, ApiError, type ApiErrorBody, type ApiErrorName, apiError } from "./api-error.ts";
export { API_VERSIONS, type ApiVersion, isApiVersion, isBefore, LATEST_API_VERSION } from "./api-versions.ts";
export {
  APPLICATION_TYPES,
  ENDPOINT_EVENT_TYPES,
  type EndpointEventType,
  EVENT_TYPES,
  type EventType,
  isEndpointEventType,
  isEventType,
  isUnlistedEventType,
  objectClassOf,
  SELECTION_REQUIRED_TYPES,
  UNLISTED_EVENT_TYPES,
} from "./event-types.ts";
export { HEADERS, ownHeaders, WEBHOOK_HEADERS } from "./headers.ts";
export { createIdSource, ID_FORMS, type IdKind, type IdSource } from "./ids.ts";
export { OAUTH_ERRORS, OAuthError, type OAuthErrorName } from "./oauth-error.ts";
export {
  type Access,
  PERMISSIONS,
  type Permission,
  type PermissionResource,
  permissionFor,
  permissionNamed,
  permits,
  shownPermission,
} from "./permissions.ts";
export { objectOf, sampleObject } from "./sample-object.ts";
export { type Signing, signatureHeader } from "./signature.ts";
export { findStripeOperation, type StripeArea, type StripeOperation, stripeOperations } from "./stripe-operations.ts";
export { isThinEventType, isThinName, relatedOf, THIN_EVENT_TYPES, type ThinEventType, thinFormOf } from "./thin-event-types.ts";
