import { createHash } from 'node:crypto';
import { findJsonFault } from '../../config/input/json-fault.js';
import type { ServerOptions } from '../../config/server.config.js';
import type { PoolPlan } from '../../pool/apply/apply-plan.js';
import type { Pool } from '../../pool/pool.js';
import type { PoolLogger } from '../../server/log/pool-logger.js';
import type { Answer } from '../exchange.js';
import { told, type Action } from './action-gate.js';
import { clientOf } from './server-actions.js';

/** Tells what a pasted config would change: `{ config }`, the text of a list of servers. */
export function planConfig(pool: Pool): Action {
  return ({ config }) =>
    withList(config, async (list, text) => {
      const plan = await pool.apply(list, { dryRun: true });
      return told(200, 'This is the plan; nothing has changed yet', {
        steps: plan.steps,
        seen: markOf(text, plan),
      });
    });
}

/** Puts it in force, where the plan is the one that was seen: `{ config, seen }`. */
export function applyConfig({ pool, logger }: { pool: Pool; logger: PoolLogger }): Action {
  return ({ config, seen }, request) =>
    withList(config, async (list, text) => {
      const plan = await pool.apply(list, { dryRun: true });
      if (seen !== markOf(text, plan)) {
        return told(409, 'Refused: it is not the plan that you saw, show the plan again');
      }
      logger.log(`A config was applied on the dashboard by ${clientOf(request)}`);
      const { steps } = await pool.apply(list);
      return told(200, 'Applied', { steps });
    });
}

async function withList(
  config: unknown,
  work: (list: ServerOptions[], text: string) => Promise<Answer>,
): Promise<Answer> {
  if (typeof config !== 'string') return told(400, 'Refused: give the text of a config');
  let list: unknown;
  try {
    list = JSON.parse(config);
  } catch {
    const { line, column, message } = await findJsonFault(config);
    return told(422, `Refused: line ${line}, column ${column} is no valid JSON: ${message}`);
  }
  if (!Array.isArray(list)) return told(422, 'Refused: give a list of server options');
  try {
    return await work(list as ServerOptions[], config);
  } catch (error) {
    // It names every fault, and shows no secret.
    return told(422, `Refused: ${(error as Error).message}`);
  }
}

/** Another text, or another pool, has another one. */
function markOf(text: string, { steps }: PoolPlan): string {
  return createHash('sha256')
    .update(JSON.stringify([text, steps]))
    .digest('hex');
}
