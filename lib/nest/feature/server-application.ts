import type { Server } from 'node:http';
import {
  NestApplication,
  type AbstractHttpAdapter,
  type GraphInspector,
  type NestContainer,
} from '@nestjs/core';
import type { Handler } from '../../handler/handler.js';
import type { AdapterSetup } from './adapter-setup.js';
import type { PoolFeature } from './feature-options.js';
import { connectNothing, initSecurity } from '../internals/nest.js';
import { NestAppBridge, type NestAppBridgeOptions } from '../nest-app-bridge.js';
import { serverFacade } from './server-facade.js';

/** Draws the graph that devtools show; these routes are no part of it. */
const noGraph = new Proxy({}, { get: () => () => undefined }) as GraphInspector;

/**
 * The routes of one server: a second `NestApplication`, over a view of the main one's container and
 * with an adapter of its own. It is never initialised, so it calls no lifecycle hooks, and it never
 * listens.
 */
export class ServerApplication extends NestApplication {
  private bridge: NestAppBridge | undefined;

  constructor(
    container: NestContainer,
    private readonly adapter: AbstractHttpAdapter,
  ) {
    // The adapter's server never listens, so TLS of its own would only cost.
    const options = Object.assign({}, container.contextOptions, { httpsOptions: undefined });
    super(container, adapter, container.applicationConfig as never, noGraph, options);
    // The application has connected them.
    connectNothing(this);
  }

  /** Makes the routes: the steps of `init()` without those that call hooks. */
  async route(
    setup: AdapterSetup | undefined,
    features: readonly PoolFeature[],
    bridge: Pick<NestAppBridgeOptions, 'whole' | 'onChange'>,
  ): Promise<Handler> {
    const { adapter } = this;
    await adapter.init?.();
    const inheritance = { inherit: features.some(({ inherit }) => inherit) };
    setup?.addMiddleware(adapter, inheritance);
    const facade = serverFacade(this, adapter);
    for (const feature of features) await feature.setup?.(facade);
    initSecurity(this);
    await setup?.addPlugins(adapter);
    setup?.addParsers(adapter, inheritance, () => {
      if (this.appOptions.bodyParser !== false) this.registerParserMiddleware();
    });
    await this.registerModules();
    await this.registerRouter();
    await this.registerRouterHooks();
    if (adapter.getType() === 'fastify') {
      await (adapter.getInstance() as { ready(): Promise<unknown> }).ready();
    }
    const express = adapter.getType() === 'express';
    this.bridge = new NestAppBridge(adapter.getHttpServer() as Server, { ...bridge, express });
    return this.bridge.handler;
  }

  /** From here on the `return503OnClosing` of the application holds here too; not of Nest 11. */
  beginClose(): void {
    (this.adapter as { beforeClose?(): void }).beforeClose?.();
  }

  /** Lets go of what the adapter holds: Fastify calls the `onClose` hooks of its plugins. */
  async release(): Promise<void> {
    this.bridge?.close();
    await this.adapter.close();
  }
}
