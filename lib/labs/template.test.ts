import { describe, expect, it, test } from 'vitest'
import { selects } from '#lib/labs/selector.ts'
import { fillTemplate, parseTemplate } from '#lib/labs/template.ts'

const object = {
  metadata: { name: 'web', labels: { 'app.kubernetes.io/name': 'w' } },
  spec: { ports: [{ port: 80 }, { port: 443 }], paused: false, empty: '' },
  status: { readyReplicas: 2 },
}
function filled(source: string): string {
  const parsed = parseTemplate(source)
  if ('problem' in parsed) throw new Error(parsed.problem.message)
  return fillTemplate(parsed.template, { object, objects: [object, object], needs: { ip: { address: '10.0.0.1' } } })
}

describe('templates', () => {
  it.each([
    ['{{ object.status.readyReplicas }} of 3 replicas are ready', '2 of 3 replicas are ready'],
    ['{{object.metadata.name}}/{{ object.spec.ports[1].port }}', 'web/443'],
    ["{{ object.metadata.labels['app.kubernetes.io/name'] }}", 'w'],
    ['{{ objects.size }} pods, the first {{ objects[0].metadata.name }}', '2 pods, the first web'],
    ['{{ needs.ip.address }} {{ object.spec.paused }}', '10.0.0.1 false'],
    ['{{ object.status.unavailable.deeper }}, {{ object.spec.empty }}', 'none, none'],
    ['{{ object.spec.ports }}', '[{"port":80},{"port":443}]'],
    ['{{ object.constructor }} {{ object.__proto__ }} {{ object.metadata.name.length }}', 'none none none'],
    ["docker inspect -f '{{.Name}}' {{ x }} {}", "docker inspect -f '{{.Name}}' {{ x }} {}"],
    ['', ''],
  ])('%s', (source, expected) => expect(filled(source)).toBe(expected))

  it.each([
    ['a {{ object.status', '"{{" is not closed by "}}"', 2],
    ['{{ object.status } }}', '"{{" is not closed by "}}"', 0],
    ['{{ object }}', '"object" is no path', 0],
    ['{{ object.a + 1 }}', '"object.a + 1" is no path', 0],
    ['{{ object.a() }}', '"object.a()" is no path', 0],
  ])('refuses %s', (source, message, offset) => {
    expect(parseTemplate(source)).toEqual({ problem: { message, offset } })
  })

  it('shows no more of a long value than fits', () => {
    const long = fillTemplate([['object', 'text']], { object: { text: 'x'.repeat(10_000) } })
    expect(long.length).toBe(120)
  })
})

test.each([
  ['app=web', true],
  ['app==web,tier!=db', true],
  ['app!=web', false],
  ['tier!=db', true],
  ['app', true],
  ['!app', false],
  ['!tier,app.io/x=y', true],
  ['constructor', false],
])('labels: %s', (selector, expected) => {
  expect(selects(selector, { app: 'web', 'app.io/x': 'y' })).toBe(expected)
})
