import {
  Inject,
  type MiddlewareConsumer,
  Module,
  type NestModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  RequestMethod,
} from "@nestjs/common";
import { PayoutsService } from "./payouts.service.ts";
import { HOOKS, type Hooks, receiver } from "./receiver.ts";

@Module({ providers: [{ provide: HOOKS, useFactory: receiver }, PayoutsService] })
export class WebhooksModule implements NestModule, OnApplicationBootstrap, OnApplicationShutdown {
  @Inject(HOOKS) private readonly hooks!: Hooks;

  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(this.hooks.node).forRoutes({ path: "stripe", method: RequestMethod.POST });
  }

  /** When every module has registered its handlers. */
  async onApplicationBootstrap(): Promise<void> {
    await this.hooks.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.hooks.stop();
  }
}
