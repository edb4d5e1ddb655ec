import "reflect-metadata";
import { NestFactory } from "@nestjs/core";
import type { NestExpressApplication } from "@nestjs/platform-express";
import { WebhooksModule } from "./webhooks.module.ts";

// The signature covers the bytes as they came, and events are larger than the 100 kB that the parser takes by itself.
const app = await NestFactory.create<NestExpressApplication>(WebhooksModule, { rawBody: true });
app.useBodyParser("json", { limit: "1mb" });
app.enableShutdownHooks();
await app.listen(Number(process.env.PORT ?? 4242), "127.0.0.1");
