import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { isPassing } from "./api/failure.ts";
import { watchTouches } from "./api/touched.ts";
import { Boundary } from "./design/boundary.tsx";
import { Broken } from "./design/notice.tsx";
import "./design/tokens.css";
import "./design/design.css";
import { Dashboard } from "./dashboard.tsx";
import { askAhead } from "./live/ask-ahead.ts";
import { applyStoredTheme } from "./shell/theme-button.tsx";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // A server on this machine answers even without a network.
      networkMode: "always",
      // A call that the server refused would be refused again. A server that does not answer is asked until it does.
      retry: (times, error) => isPassing(error) && times < 3,
    },
    mutations: { networkMode: "always" },
  },
});

applyStoredTheme();
watchTouches();
askAhead(queries);
// The icon's address is relative to that of the page, which changes.
for (const icon of document.querySelectorAll<HTMLLinkElement>("link[rel=icon]")) icon.setAttribute("href", icon.href);
createRoot(document.getElementById("page") as HTMLElement).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Boundary instead={(error) => <Broken error={error} />}>
        <Dashboard />
      </Boundary>
    </QueryClientProvider>
  </StrictMode>,
);
