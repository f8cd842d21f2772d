import type { Challenge, Lesson } from '#lib/content/types.ts'

/** The folder of a text below the content folder, with `/`. */
export const folderOf = (item: Lesson | Challenge): string =>
  item.kind === 'challenge' ? item.id : `courses/${item.course}/${String(item.order).padStart(2, '0')}-${item.slug}`
