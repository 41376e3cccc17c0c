require('reflect-metadata');
const common = require('@nestjs/common');
const core = require('@nestjs/core');
const testing = require('@nestjs/testing');
const pool = require('nestjs-http-pool');
const { ephemeralServers } = require('nestjs-http-pool/testing');
const serve = require('./serve.cjs');

void serve({ common, core, testing, pool: { ...pool, ephemeralServers } }).then(() =>
  console.log('required: served, closed'),
);
