import { ID_FORMS } from "@carabiner/protocol";

/** The prefix of a listener's id. */
export const LISTENER_PREFIX = ID_FORMS.listener.prefix;

/** Whether an endpoint is a listener of the official CLI, to which only the server that has its socket sends. */
export function isListener(endpointId: string): boolean {
  return endpointId.startsWith(LISTENER_PREFIX);
}
