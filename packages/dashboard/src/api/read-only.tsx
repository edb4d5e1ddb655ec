import { createContext, type ReactNode, useContext } from "react";

/** Whether the session may read and change nothing: that of a read-only operator. */
export const ReadOnlyContext = createContext(false);

/** Whether the session may read and change nothing. */
export const useReadOnly = (): boolean => useContext(ReadOnlyContext);

/** What changes something: left out of a read-only session's page. The server refuses it in any case. */
export function Acts({ children }: { children: ReactNode }): ReactNode {
  return useReadOnly() ? null : children;
}
