import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  buildFlags,
  buildKey,
  COMPONENTS,
  compareVersions,
  moduleDir,
  pinnedVersion,
  pinnedVersions,
  requiredGo,
} from './modules.ts'

const byName = (name: string) => {
  const component = COMPONENTS.find((candidate) => candidate.name === name)
  if (!component) throw new Error(name)
  return component
}

test('versions come from go.mod, whole module paths only', () => {
  const goMod = 'require (\n\tk8s.io/kubernetes/extra v1.0.0\n\tk8s.io/kubernetes v1.36.3 // indirect\n)\n'
  expect(pinnedVersion(goMod, 'k8s.io/kubernetes')).toBe('1.36.3')
  expect(pinnedVersion('require go.etcd.io/etcd/server/v3 v3.6.16', 'go.etcd.io/etcd/server/v3')).toBe('3.6.16')
  expect(() => pinnedVersion(goMod, 'k8s.io/other')).toThrow('k8s.io/other')
})

test('flags carry the pinned version', () => {
  expect(buildFlags(byName('kubernetes'), 'k8s.io/kubernetes v1.99.0')).toEqual([
    '-trimpath',
    '-ldflags',
    '-s -w -X k8s.io/component-base/version.gitVersion=v1.99.0 -X k8s.io/client-go/pkg/version.gitVersion=v1.99.0',
  ])
  expect(buildFlags(byName('runc'), 'github.com/opencontainers/runc v1.5.2')).toEqual([
    '-trimpath',
    '-tags',
    'seccomp',
    '-ldflags',
    '-s -w -X main.version=1.5.2',
  ])
})

test('a build’s name changes with Go, and with nothing else about the machine', () => {
  expect(buildKey(byName('etcd'), '1.26.8')).toBe(buildKey(byName('etcd'), '1.26.8'))
  expect(buildKey(byName('etcd'), '1.26.8')).not.toBe(buildKey(byName('etcd'), '1.26.9'))
})

test('all modules are pinned, and every go.sum is there', () => {
  for (const component of COMPONENTS) {
    expect(pinnedVersions()[component.name], component.name).toMatch(/^\d+\.\d+\.\d+/)
    expect(readFileSync(join(moduleDir(component), 'go.sum'), 'utf8')).toContain(component.module)
  }
})

test('the README’s table says what is built', () => {
  const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8')
  for (const [name, version] of Object.entries(pinnedVersions())) expect(readme, name).toContain(version)
})

test('versions compare by number', () => {
  expect(compareVersions('1.26.10', '1.26.9')).toBeGreaterThan(0)
  expect(compareVersions('1.26', '1.26.0')).toBe(0)
  expect(compareVersions(requiredGo(), '1.26')).toBeGreaterThanOrEqual(0)
})
