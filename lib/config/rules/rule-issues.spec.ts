import { describe, expect, it } from '@jest/globals';
import { getMetadataStorage } from 'class-validator';
import { CertificateConfig, TlsConfig } from '../options/tls.js';
import { MonitorConfig } from '../options/monitor.js';
import { RestartConfig } from '../options/restart.js';
import { ServerConfig } from '../server.config.js';
import { ShutdownConfig } from '../options/shutdown.js';
import { fieldsOf, type Class } from './nested.rules.js';
import { rulesOf } from './rule.js';
import { ruleIssues } from './rule-issues.js';

const classes: Class[] = [
  ServerConfig,
  TlsConfig,
  CertificateConfig,
  ShutdownConfig,
  RestartConfig,
  MonitorConfig,
];

describe('the rules that are asked without class-validator', () => {
  it.each(classes.map((type) => [type.name, type] as const))('are all of %s', (_, type) => {
    const storage = getMetadataStorage();
    const known = storage
      .getTargetValidationMetadatas(type, '', false, false)
      .filter((metadata) => metadata.type === 'customValidation' && metadata.name !== undefined)
      .map(({ propertyName, name }) => `${propertyName} ${name}`);
    const asked = [...rulesOf(type)].map(({ property, name }) => `${property} ${name}`);
    expect(asked.sort()).toEqual(known.sort());
    expect(asked.length).toBeGreaterThan(0);
  });

  it('leave no kind of rule of class-validator out', () => {
    const kinds = classes.flatMap((type) =>
      getMetadataStorage()
        .getTargetValidationMetadatas(type, '', false, false)
        .map((metadata) => metadata.type),
    );
    // Nested objects are walked, and what else there is says nothing about a value.
    const ours = [
      'customValidation',
      'nestedValidation',
      'conditionalValidation',
      'whitelistValidation',
    ];
    expect([...new Set(kinds)].filter((kind) => !ours.includes(kind))).toEqual([]);
  });

  it('are skipped for a field that is left out only where they find no fault in that', () => {
    for (const type of classes) {
      for (const { check, isOptional } of rulesOf(type)) {
        if (isOptional) expect(check(undefined, {})).toEqual([]);
      }
    }
    expect(ruleIssues(ServerConfig, new ServerConfig(), '').map(({ path }) => path)).toEqual([
      'name',
      'listen',
    ]);
  });

  it('find a fault in any field at any depth', () => {
    const wrong = Symbol('no value of a config');
    for (const type of classes) {
      for (const [field, shape] of fieldsOf(type)) {
        if (shape.kind === 'data') continue;
        const config = Object.assign(new type(), { [field]: wrong });
        expect(ruleIssues(type, config, '').map(({ path }) => path)).toContain(field);
      }
    }
    const config = Object.assign(new ServerConfig(), {
      name: 'a',
      listen: ':0',
      tls: Object.assign(new TlsConfig(), {
        certs: [Object.assign(new CertificateConfig(), { cert: 'c', key: 1 })],
      }),
    });
    expect(ruleIssues(ServerConfig, config, '')).toEqual([
      expect.objectContaining({ path: 'tls.certs[0].key' }),
    ]);
  });
});
