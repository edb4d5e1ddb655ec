import react from "@vitejs/plugin-react";
import { defineConfig, type ProxyOptions } from "vite";
import { compressed } from "./build/compressed.ts";
import { licences } from "./build/licences.ts";

/** The server that `vite` passes calls on to while the page is developed: `npm start`, unless it is named. */
const SERVER = process.env.CARABINER_URL ?? "http://127.0.0.1:12111";

/** The fixed keys of a development server: `vite` is another origin, which has no session there. */
const KEYS: Readonly<Record<string, string>> = {
  live: "sk_live_carabinerForLocalTesting",
  test: "sk_test_carabinerForLocalTesting",
};

const proxied: ProxyOptions = {
  target: SERVER,
  configure(proxy) {
    proxy.on("proxyReq", (outgoing, { headers }) => {
      outgoing.setHeader("authorization", `Bearer ${KEYS[String(headers["carabiner-mode"] ?? "test")]}`);
    });
  },
};

export default defineConfig({
  // The page may stand below any path: what it loads is named relative to it.
  base: "./",
  plugins: [react(), licences(), compressed()],
  build: {
    // Every asset is a file: the page's policy lets in no data: URL but pictures.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 600,
    modulePreload: { polyfill: false },
    target: "es2024",
  },
  server: {
    host: "127.0.0.1",
    proxy: { "/console": proxied, "/v1": proxied, "/readyz": proxied },
  },
});
