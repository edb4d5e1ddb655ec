import type { Env } from "./webhooks.ts";

export { Webhooks } from "./webhooks.ts";

export default {
  fetch(request, env) {
    if (new URL(request.url).pathname !== "/stripe") return new Response(null, { status: 404 });
    return env.WEBHOOKS.getByName("webhooks").fetch(request);
  },
} satisfies ExportedHandler<Env>;
