import { type BrokenRule, broken, duplicates, exactlyOne, stray } from '#lib/labs/broken-rule.ts'
import type { Lab } from '#lib/labs/schema.ts'

/** Ports name one thing that is there, each once, and each by a title of its own. */
export function* brokenPorts(lab: Lab): Generator<BrokenRule> {
  const machines = lab.machines.map(({ name }) => name)
  const reaching = lab.machines.filter(({ profile }) => profile === 'kubernetes').map(({ name }) => name)
  const ports = lab.ports ?? []
  for (const [index, { machine, service, from, ...port }] of ports.entries()) {
    const path = ['ports', index]
    yield* exactlyOne({ machine, service }, ['machine', 'service'], path)
    if (machine !== undefined && !machines.includes(machine)) {
      yield stray('machine', machine, machines, [...path, 'machine'])
    }
    if (service !== undefined && !lab.kubernetes) {
      yield broken([...path, 'service'], 'this lab has no Kubernetes', 'a machine, or kubernetes: {} in the lab')
    } else if (service !== undefined && reaching.length === 0) {
      yield broken([...path, 'service'], `no machine here reaches "${service}"`, 'a machine of profile kubernetes')
    }
    if (from !== undefined && !machines.includes(from)) yield stray('machine', from, machines, [...path, 'from'])
    else if (from !== undefined && machine !== undefined) {
      yield broken([...path, 'from'], 'a machine is asked in its own network', 'no "from"')
    } else if (from !== undefined && !reaching.includes(from)) {
      yield broken([...path, 'from'], `"${from}" does not reach the cluster`, 'a machine of profile kubernetes')
    }
    const same = ports.findIndex((one) => one.machine === machine && one.service === service && one.port === port.port)
    if (same !== index) {
      yield broken([...path, 'port'], `port ${port.port} of "${machine ?? service}" is named twice`, 'each port once')
    }
  }
  yield* duplicates(
    ports.map(({ title }) => title),
    (index) => ['ports', index, 'title'],
  )
}
