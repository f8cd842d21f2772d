import { describe, expect, it } from 'vitest'
import { type CelSubject, compileCel, runCel } from '#lib/labs/cel.ts'

function evaluated(source: string, variables: Record<string, unknown>, subject: CelSubject = 'object'): unknown {
  const compiled = compileCel(source, subject)
  if ('problem' in compiled) throw new Error(compiled.problem.message)
  return runCel(compiled.program, { needs: {}, ...variables })
}
const problem = (source: string, subject: CelSubject = 'object') => {
  const compiled = compileCel(source, subject)
  return 'problem' in compiled ? compiled.problem : null
}

const web = {
  metadata: { name: 'web', labels: { app: 'web' }, annotations: { 'drydock.dev/x': 'a' } },
  spec: { replicas: 3, containers: [{ name: 'c', image: 'nginx:1.29', cpu: 0.5 }] },
  status: { readyReplicas: 3 },
}

describe('CEL', () => {
  it.each([
    ['object.status.?readyReplicas.orValue(0) == 3', true],
    ['object.status.?unknown.orValue(0) == 0', true],
    ['object.?nothing.?deeper.orValue(7) == 7', true],
    ['object.spec.replicas + 1 == 4', true],
    ['object.spec.replicas >= object.status.readyReplicas', true],
    ['object.spec.containers.all(c, c.image.startsWith("nginx:"))', true],
    ['object.spec.containers[0].cpu < 1.0', true],
    ['object.spec.containers[?4].?image.orValue("none") == "nginx"', false],
    ['"app" in object.metadata.labels && object.metadata.annotations["drydock.dev/x"] == "a"', true],
    ['has(object.metadata.labels.tier)', false],
    ['needs.ip.address == "10.0.0.1"', true],
    ['object.spec.replicas', 3n],
  ])('%s', (source, expected) => {
    expect(evaluated(source, { object: web, needs: { ip: { address: '10.0.0.1' } } })).toBe(expected)
  })

  it('looks at lists', () => {
    expect(evaluated('objects.size() == 2', { objects: [web, web] }, 'objects')).toBe(true)
    expect(evaluated('objects.exists(o, o.metadata.name == "db")', { objects: [web] }, 'objects')).toBe(false)
  })

  it.each([
    ['object.status ==', 'Unexpected token: EOF', 16],
    ['objet.status == 1', 'Unknown variable: objet', 0],
    ['true && objects.size() == 1', 'Unknown variable: objects', 8],
    ['1 + "a" == 2', 'no such overload: int + string', 0],
    ['size(object) + 1', 'it gives int, not true or false', 0],
    ['"yes"', 'it gives string, not true or false', 0],
    [`[${'1,'.repeat(200)}1].size() > 0`, 'Exceeded maxListElements (100)', 201],
    [`${'('.repeat(80)}true${')'.repeat(80)}`, 'Exceeded maxDepth (40)', 40],
  ])('does not compile: %s', (source, message, offset) => {
    expect(problem(source)).toEqual({ message, offset })
  })

  it.each([
    ['object.status.readyReplicas == 3', {}, 'No such key: status'],
    ['object.spec.x == 1', { spec: null }, 'No such key: x'],
    ['object.a > 1', { a: 'text' }, 'no such overload: dyn<string> > int'],
    ['object.constructor == 1', {}, 'No such key: constructor'],
    ['object.__proto__ == 1', {}, 'No such key: __proto__'],
  ])('fails to run: %s', (source, object, message) => {
    expect(() => evaluated(source, { object })).toThrow(message)
  })

  it('does not hang the process', () => {
    const slow = 'object.text.matches("(a+)+$")'
    expect(() => evaluated(slow, { object: { text: `${'a'.repeat(40)}!` } })).toThrow('it takes longer than 100 ms')
    const objects = Array.from({ length: 1000 }, (_, value) => ({ value }))
    const cubed = 'objects.all(a, objects.all(b, objects.all(c, a.value + b.value + c.value >= 0)))'
    expect(() => evaluated(cubed, { objects }, 'objects')).toThrow('it takes longer than 100 ms')
    expect(evaluated('true', { object: {} })).toBe(true)
  })

  it('blames no expression for a machine that was too busy to run it', () => {
    const sleeper = new Int32Array(new SharedArrayBuffer(4))
    let calls = 0
    const program = () => {
      if (calls++ < 2) Atomics.wait(sleeper, 0, 0, 5000)
      return true
    }
    expect(runCel(program, {})).toBe(true)
    expect(calls).toBe(3)
  })
})
