import type { Readiness } from '../../../management/whole/readiness.js';
import type { ToWhole, Whole, WholeHealth, WholeMetrics } from '../../../management/whole/whole.js';
import type { PoolStats } from '../../../pool/pool-stats.js';
import type { Question, Said, WholeAnswer } from '../messages.js';
import { mergeHealth, mergeReadiness } from './merge-health.js';
import { mergeMetrics } from './merge-metrics.js';
import { mergeStats } from './merge-stats.js';
import type { SupervisorLink } from './supervisor-link.js';

/**
 * What management servers tell: what all workers of the newest generation that is ready say. So probes
 * that meet a worker which starts, or leaves, are told what holds for their next request.
 */
export class WorkersWhole {
  private alone: Whole | undefined;

  constructor(private readonly link: SupervisorLink) {}

  readonly toWhole: ToWhole = (alone) => {
    this.alone = alone;
    return {
      readiness: () => this.readiness(alone),
      health: async () => {
        const answer = await this.all<WholeHealth>('health');
        return answer && answer.parts.length > 0 ? mergeHealth(answer.parts) : alone.health();
      },
      servers: async () => {
        const answer = await this.all<PoolStats>('servers');
        return answer ? mergeStats(answer.parts) : alone.servers();
      },
      ...(alone.metrics && { metrics: () => this.metrics(alone) }),
    };
  };

  /** Of this process. Never rejects: what fails is not said. */
  async say(question: Question): Promise<unknown> {
    try {
      return await Promise.resolve(this.alone?.[question]?.());
    } catch {
      return undefined;
    }
  }

  private async readiness(alone: Whole): Promise<Readiness> {
    const answer = await this.all<Readiness>('readiness');
    return answer ? mergeReadiness(answer.parts, answer.reason) : alone.readiness();
  }

  private async metrics(alone: Whole): Promise<WholeMetrics> {
    const answer = await this.all<WholeMetrics>('metrics');
    const bodies = answer?.parts.map(({ said }) => said.body) ?? [];
    const own = await alone.metrics?.();
    const { contentType = '', body = '' } = answer?.parts[0]?.said ?? own ?? {};
    const { former = '' } = answer ?? {};
    const isWhole = bodies.length > 1 || former.trim() !== '';
    return {
      contentType,
      body: isWhole ? mergeMetrics(bodies.length > 0 ? bodies : [body], former) : body,
    };
  }

  /** Undefined without a supervisor: then this process is alone. */
  private async all<T>(
    question: Question,
  ): Promise<(Omit<WholeAnswer, 'parts'> & { readonly parts: Said<T>[] }) | undefined> {
    const answer = await this.link.ask(question);
    if (answer === undefined) return undefined;
    const parts = answer.parts.filter(({ said }) => said !== undefined && said !== null);
    return { ...answer, parts: parts as Said<T>[] };
  }
}
