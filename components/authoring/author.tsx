'use client'

import dynamic from 'next/dynamic'

/** Loaded where it is shown only, on a platform that was started for authors. */
export const Author = dynamic(() => import('#components/authoring/author-panel.tsx').then((m) => m.AuthorPanel))
