import {
  Catch,
  Controller,
  Get,
  HttpException,
  Param,
  ParseIntPipe,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type NestInterceptor,
  type PipeTransform,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import { tap } from 'rxjs';
import { platforms } from '../support/adapters.js';
import { BOTH, FeatureApps, type FeatureSetup } from '../support/feature-app.js';

/** Everything that ran, in order. */
const trace: string[] = [];

function guard(where: string) {
  class Guard implements CanActivate {
    canActivate(context: ExecutionContext): boolean {
      trace.push(`guard ${where}`);
      return context.switchToHttp().getRequest().headers['x-refuse'] !== where;
    }
  }
  return Guard;
}

function interceptor(where: string) {
  class Interceptor implements NestInterceptor {
    intercept(context: ExecutionContext, next: CallHandler) {
      trace.push(`before ${where} ${context.getClass().name}.${context.getHandler().name}`);
      return next.handle().pipe(tap(() => trace.push(`after ${where}`)));
    }
  }
  return Interceptor;
}

function pipe(where: string) {
  class Pipe implements PipeTransform {
    transform(value: unknown): unknown {
      trace.push(`pipe ${where}`);
      return value;
    }
  }
  return Pipe;
}

/** Answers with its place the errors that are meant for it. */
function filter(where: string) {
  class Meant extends HttpException {
    constructor() {
      super(where, 400);
    }
  }
  @Catch(Meant)
  class Filter implements ExceptionFilter {
    catch(_error: Meant, host: ArgumentsHost): void {
      host.switchToHttp().getResponse().status(418).send({ where });
    }
  }
  return { Filter, Meant };
}

/** In the order in which Nest calls them: those of `APP_…`, of `useGlobal…`, and so on. */
const places = ['application', 'global', 'controller', 'method'] as const;
const filters = Object.fromEntries(places.map((place) => [place, filter(place)]));

@Controller('traced')
@UseGuards(guard('controller'))
@UseInterceptors(interceptor('controller'))
@UsePipes(pipe('controller'))
@UseFilters(filters.controller!.Filter)
class TracedController {
  @Get(':id')
  @UseGuards(guard('method'))
  @UseInterceptors(interceptor('method'))
  @UsePipes(pipe('method'))
  one(@Param('id', pipe('parameter'), ParseIntPipe) id: number): string {
    trace.push('handler');
    return typeof id;
  }

  @Get('throw/:place')
  @UseFilters(filters.method!.Filter)
  throw(@Param('place') place: string): never {
    throw new filters[place]!.Meant();
  }
}

const everywhere: FeatureSetup = {
  both: [TracedController],
  providers: [
    { provide: APP_GUARD, useClass: guard('application') },
    { provide: APP_INTERCEPTOR, useClass: interceptor('application') },
    { provide: APP_PIPE, useClass: pipe('application') },
    { provide: APP_FILTER, useClass: filters.application!.Filter },
  ],
  prepare: (app) => {
    app.useGlobalGuards(new (guard('global'))());
    app.useGlobalInterceptors(new (interceptor('global'))());
    app.useGlobalPipes(new (pipe('global'))());
    app.useGlobalFilters(new filters.global!.Filter());
  },
};

describe.each(platforms)('the enhancers of forFeature on $name', (platform) => {
  const opened = new FeatureApps(platform);
  afterEach(() => opened.closeAll());

  it('run as on the application’s own server, in that order', async () => {
    const { text } = await opened.start(everywhere);
    const traces: string[][] = [];
    for (const server of BOTH) {
      trace.length = 0;
      expect(await text(server, '/traced/7')).toBe('number');
      traces.push([...trace]);
    }
    expect(traces[1]).toEqual(traces[0]);
    expect(traces[1]).toEqual([
      ...places.map((place) => `guard ${place}`),
      ...places.map((place) => `before ${place} TracedController.one`),
      ...places.map((place) => `pipe ${place}`),
      'pipe parameter',
      'handler',
      ...places.map((place) => `after ${place}`).reverse(),
    ]);
  });

  it.each(places)('refuse, fail and filter at the %s', async (place) => {
    const { get } = await opened.start(everywhere);
    for (const server of BOTH) {
      const refused = await get(server, '/traced/7', { headers: { 'x-refuse': place } });
      expect([refused.status, await refused.json()]).toEqual([
        403,
        { statusCode: 403, error: 'Forbidden', message: 'Forbidden resource' },
      ]);
      const thrown = await get(server, `/traced/throw/${place}`);
      expect([thrown.status, await thrown.json()]).toEqual([418, { where: place }]);
      expect((await get(server, '/traced/seven')).status).toBe(400);
    }
  });

  it('filter what no route answers', async () => {
    const { get } = await opened.start({
      ...everywhere,
      prepare: (app) => app.useGlobalFilters(new NotFoundFilter()),
    });
    for (const server of BOTH) expect((await get(server, '/none')).status).toBe(410);
  });
});

@Catch(HttpException)
class NotFoundFilter implements ExceptionFilter {
  catch(error: HttpException, host: ArgumentsHost): void {
    const status = error.getStatus() === 404 ? 410 : error.getStatus();
    host.switchToHttp().getResponse().status(status).send({});
  }
}
