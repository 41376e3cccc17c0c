/** Imports the package into a process that has its peers, and tells the CPU time. */
import 'reflect-metadata';
import '@nestjs/common';
import '@nestjs/core';
import '@nestjs/terminus';
import 'class-transformer';
import 'class-validator';
import 'rxjs';
import { answerCommands } from '../harness/child.js';
import { cpuOf } from '../harness/cpu.js';

answerCommands({ load: () => cpuOf(() => import('../../dist/index.js')) });
