import 'reflect-metadata';
import * as common from '@nestjs/common';
import * as core from '@nestjs/core';
import * as testing from '@nestjs/testing';
import * as pool from 'nestjs-http-pool';
import { ephemeralServers } from 'nestjs-http-pool/testing';
import serve from './serve.cjs';

await serve({ common, core, testing, pool: { ...pool, ephemeralServers } });
console.log('imported: served, closed');
