import { expect, it } from 'vitest'
import { fullReference, isAllowed } from '#lib/labs/image-reference.ts'

const digest = `sha256:${'0a'.repeat(32)}`

it.each([
  ['nginx:1.26', 'docker.io/library/nginx:1.26'],
  ['library/nginx:1.26', 'docker.io/library/nginx:1.26'],
  ['docker.io/nginx:1.26', 'docker.io/library/nginx:1.26'],
  ['team/box:v1_2-3', 'docker.io/team/box:v1_2-3'],
  ['registry.example/box:1', 'registry.example/box:1'],
  ['registry.example:5000/a/b__c/d-e:1', 'registry.example:5000/a/b__c/d-e:1'],
  ['localhost/box:1', 'localhost/box:1'],
  ['localhost:5000/box:1', 'localhost:5000/box:1'],
  [`python@${digest}`, `docker.io/library/python@${digest}`],
  [`python:3@${digest}`, `docker.io/library/python:3@${digest}`],
])('%s is %s', (text, full) => {
  expect(fullReference(text)).toBe(full)
  expect(fullReference(full)).toBe(full)
})

it.each([
  ...[
    '',
    'nginx',
    'registry.example/nginx',
    'registry.example:5000/nginx',
    ':1',
    '@',
    '/nginx:1',
    'nginx/:1',
    'a//b:1',
  ],
  ...[
    'Nginx:1',
    'nginx:',
    'nginx:-1',
    'nginx:1:2',
    'nginx:1/2',
    'nginx :1',
    'nginx:1\n',
    '-nginx:1',
    'nginx-:1',
    'a..b:1',
  ],
  ...[
    'registry.example:port/box:1',
    'REGISTRY.example/box:1',
    '-registry.example/box:1',
    'https://registry.example/box:1',
  ],
  ...['../box:1', 'box:1@sha256:00', `box:1@md5:${'0a'.repeat(16)}`, `box@${digest}@${digest}`, `${'a'.repeat(256)}:1`],
  `nginx:${'1'.repeat(129)}`,
])('%j is no image with a version', (text) => {
  expect(fullReference(text)).toBe(null)
})

it.each([
  ['docker.io/library/python:3', ['docker.io/library']],
  ['docker.io/library/python:3', ['docker.io/library/python']],
  [`docker.io/library/python@${digest}`, ['docker.io/library/python']],
  ['docker.io/library/python:3', ['docker.io']],
  ['registry.example:5000/box:1', ['other.example', 'registry.example:5000']],
])('%s is allowed by %j', (image, allowed) => {
  expect(isAllowed(image, allowed)).toBe(true)
})

it.each([
  ['docker.io/library/python:3', []],
  ['docker.io/library/python3:3', ['docker.io/library/python']],
  ['docker.io/libraryx/python:3', ['docker.io/library']],
  ['docker.io.example/library/python:3', ['docker.io']],
  ['registry.example:5000/box:1', ['registry.example']],
  ['registry.example:50001/box:1', ['registry.example:5000']],
])('%s is not allowed by %j', (image, allowed) => {
  expect(isAllowed(image, allowed)).toBe(false)
})
