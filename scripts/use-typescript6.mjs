// dependency-cruiser reads TypeScript by its JavaScript interface, which TypeScript 7 does not have: it gets version 6.
import { registerHooks } from 'node:module'

registerHooks({
  resolve: (specifier, context, next) => next(specifier.replace(/^typescript(?=\/|$)/, 'typescript6'), context),
})
