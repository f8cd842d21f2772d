import type { ContainerDirective, LeafDirective } from 'mdast-util-directive'
import { toString as textOf } from 'mdast-util-to-string'
import type { Author } from '#lib/content/markdown/author.ts'
import { block, inline, plain, splitLabel } from '#lib/content/markdown/nodes.ts'
import { closest } from '#lib/labs/closest.ts'
import type { Lab } from '#lib/labs/schema.ts'

/** What a check's script says by `value NAME VALUE`: `<task>.<name>`. */
const FACT = /^(?<task>[a-z][a-z0-9-]*)\.(?<value>[a-z][a-z0-9_-]*)$/

type Place = { node: ContainerDirective | LeafDirective; author: Author; lab: Lab | null }

/** A task's id, told when the lab has no such task. */
export function knownTask(id: string, { node, author, lab }: Place): void {
  const tasks = lab?.tasks.map((task) => task.id) ?? []
  if (tasks.includes(id)) return
  author.tell(node, `there is no task "${id}" in the lab`, {
    expected: tasks.length > 0 ? `one of: ${tasks.join(', ')}` : 'a lab.yaml beside the text',
    suggestion: closest(id, tasks),
  })
}

/** `<task>.<value>` of an attribute, or null when it is told what is wrong. */
export function factOf(written: string, place: Place): string | null {
  const { task } = FACT.exec(written)?.groups ?? {}
  if (!task) {
    place.author.tell(place.node, `"${written}" is no fact`, {
      expected: '<task>.<value>, a value that the task’s script says',
    })
    return null
  }
  knownTask(task, place)
  return written
}

/** `::::tabs` with a `:::tab[Title]` for each; one below the other where there is no JavaScript. */
export function tabsElement(node: ContainerDirective, author: Author): ContainerDirective {
  const tabs = node.children.flatMap((child) => {
    const { label, rest } = child.type === 'containerDirective' ? splitLabel(child) : { label: null, rest: [] }
    if (child.type === 'containerDirective' && child.name === 'tab' && label && rest.length > 0) {
      return block('div', { dataPart: 'tab' }, [inline('p', {}, [{ type: 'strong', children: label }]), ...rest])
    }
    author.tell(child, 'this is no tab', { expected: ':::tab[Title] … :::, inside of ::::tabs' })
    return []
  })
  if (tabs.length < 2) author.tell(node, 'tabs with nothing to choose', { expected: 'at least two :::tab[Title]' })
  return block('dd-tabs', {}, tabs)
}

/** `:::record[Title]{#id of=task.value unit=MiB}`: a measurement of the reader's own, kept for later lessons. */
export function recordElement(
  node: ContainerDirective,
  id: string,
  place: Place & { records: Map<string, string> },
): ContainerDirective {
  const { label, rest } = splitLabel(node)
  if (!label) place.author.tell(node, 'a record without a title', { expected: ':::record[What is measured]{#id of=…}' })
  const fact = factOf(node.attributes?.of ?? '', place)
  if (fact) place.records.set(id, fact)
  const properties = { name: id, heading: textOf(label ?? []), fact: fact ?? '', unit: node.attributes?.unit ?? '' }
  return block('dd-record', properties, rest)
}

/** `::recorded[Title]{#id unit=MiB}`: what the reader measured in a lesson before. */
export function recordedElement(node: LeafDirective, author: Author): ContainerDirective {
  const id = node.attributes?.id ?? ''
  if (!id || node.children.length === 0) {
    author.tell(node, 'this does not say what was recorded', { expected: '::recorded[What was measured]{#id}' })
  }
  return block('dd-recorded', { name: id, heading: textOf(node), unit: node.attributes?.unit ?? '' }, [])
}

/** `:::break{scene=dark}`: one of the scene's hidden faults is injected; its layers can be read without JavaScript. */
export function breakElement(node: ContainerDirective, { author, lab }: Omit<Place, 'node'>): ContainerDirective {
  const scene = node.attributes?.scene ?? ''
  const scenes = lab?.scenes ?? {}
  const known = Object.keys(scenes)
  if (!known.includes(scene)) {
    author.tell(node, `there is no scene "${scene}" in the lab`, {
      expected: known.length > 0 ? `scene= one of: ${known.join(', ')}` : 'scenes: in lab.yaml',
      suggestion: closest(scene, known),
    })
  }
  const layers = [...new Set((scenes[scene] ?? []).map(({ layer }) => layer))].sort()
  const list = layers.map((layer) => inline('p', {}, [plain(layer)]))
  return block('dd-break', { scene }, [
    block('div', { dataPart: 'text' }, node.children),
    block('div', { dataPart: 'layers' }, list),
  ])
}
