'use client'

import dynamic from 'next/dynamic'

/** What only some lessons have is loaded with those. (Next splits what a client module asks for, not what a server's does.) */
export const BreakScene = dynamic(() => import('#components/lesson/break-scene.tsx').then((m) => m.BreakScene))
export const LessonTabs = dynamic(() => import('#components/lesson/lesson-tabs.tsx').then((m) => m.LessonTabs))
export const LiveFigure = dynamic(() => import('#components/lesson/live-figure.tsx').then((m) => m.LiveFigure))
export const Quiz = dynamic(() => import('#components/lesson/quiz.tsx').then((m) => m.Quiz))
