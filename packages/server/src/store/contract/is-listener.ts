import { ID_FORMS } from "@carabiner/protocol";

/** How the id of a listener begins. */
export const LISTENER_PREFIX = ID_FORMS.listener.prefix;

/** Whether an endpoint is a listener: one of a session of the official CLI, which is sent to over a socket and by nobody but the server that has it. */
export function isListener(endpointId: string): boolean {
  return endpointId.startsWith(LISTENER_PREFIX);
}
