'use client'

import { createContext, useContext } from 'react'
import type { ReaderRecord } from '#lib/progress/get-records.ts'

const Context = createContext<Record<string, ReaderRecord>>({})

export const RecordsProvider = Context.Provider

/** The reader's own measurements that the text shows, by their ids. */
export const useRecords = (): Record<string, ReaderRecord> => useContext(Context)
