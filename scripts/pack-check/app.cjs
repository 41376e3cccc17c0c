require('reflect-metadata');
const common = require('@nestjs/common');
const core = require('@nestjs/core');
const pool = require('nestjs-http-pool');
const serve = require('./serve.cjs');

void serve({ common, core, pool }).then(() => console.log('required: served, closed'));
