import 'reflect-metadata';
import * as common from '@nestjs/common';
import * as core from '@nestjs/core';
import { HttpPoolModule, PoolService } from 'nestjs-http-pool';
import serve from './serve.cjs';

await serve({ common, core, pool: { HttpPoolModule, PoolService } });
console.log('imported: served, closed');
