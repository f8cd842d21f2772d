import rehypeShikiFromHighlighter from '@shikijs/rehype/core'
import type { Root } from 'hast'
import { createHighlighterCore } from 'shiki/core'
import { createJavaScriptRegexEngine } from 'shiki/engine/javascript'
import bash from 'shiki/langs/bash.mjs'
import console from 'shiki/langs/console.mjs'
import docker from 'shiki/langs/docker.mjs'
import go from 'shiki/langs/go.mjs'
import http from 'shiki/langs/http.mjs'
import ini from 'shiki/langs/ini.mjs'
import javascript from 'shiki/langs/javascript.mjs'
import json from 'shiki/langs/json.mjs'
import nginx from 'shiki/langs/nginx.mjs'
import python from 'shiki/langs/python.mjs'
import yaml from 'shiki/langs/yaml.mjs'
import dark from 'shiki/themes/github-dark-high-contrast.mjs'
import light from 'shiki/themes/github-light-high-contrast.mjs'

/** What may follow ``` on a fence. */
export const LANGUAGES = [
  'sh',
  'bash',
  'console',
  'dockerfile',
  'go',
  'http',
  'ini',
  'js',
  'json',
  'nginx',
  'python',
  'text',
  'yaml',
]

/** One for the process: it holds the grammars. The engine in JavaScript needs no Wasm, so bundlers leave it alone. */
const highlighter = createHighlighterCore({
  themes: [light, dark],
  langs: [bash, console, docker, go, http, ini, javascript, json, nginx, python, yaml],
  engine: createJavaScriptRegexEngine(),
})

/** Colours code by CSS variables (`--shiki-light`, `--shiki-dark`), so that one HTML serves both themes. */
export function rehypeHighlight() {
  return async (tree: Root): Promise<void> => {
    const transform = rehypeShikiFromHighlighter(await highlighter, {
      themes: { light: light.name ?? '', dark: dark.name ?? '' },
      defaultColor: false,
      defaultLanguage: 'text',
    })
    await transform(tree, undefined as never, () => {})
  }
}
