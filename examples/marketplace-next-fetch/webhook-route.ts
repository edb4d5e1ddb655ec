import { hooks } from "./hooks.ts";

// app/stripe/route.ts of a Next.js application.
export const POST = hooks.fetch;
