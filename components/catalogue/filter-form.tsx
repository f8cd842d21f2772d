import Link from 'next/link'
import type { ReactNode } from 'react'
import { Button } from '#components/ui/button.tsx'

type FilterFormProps = {
  filter: { q: string; level: string; topic: string; time: number | null; done: string }
  topics: string[]
  filtering: boolean
  signedIn: boolean
}

/** Search and filters as a plain form whose answer is an address: it can be shared, and needs no JavaScript. */
export function FilterForm({ filter, topics, filtering, signedIn }: FilterFormProps) {
  return (
    <search>
      <form action="/learn" className="flex flex-wrap items-end gap-x-3 gap-y-3 border-y border-rule py-4">
        <label className="grid grow basis-full gap-1 lg:basis-56">
          <span className="label">Search</span>
          <input
            type="search"
            name="q"
            defaultValue={filter.q}
            maxLength={100}
            className="min-h-11 rounded-sm border border-rule-strong bg-sheet px-3 text-sm"
          />
        </label>
        <Choice label="Level" name="level" value={filter.level}>
          <option value="">Any</option>
          <option value="beginner">Beginner</option>
          <option value="intermediate">Intermediate</option>
          <option value="advanced">Advanced</option>
        </Choice>
        <Choice label="Topic" name="topic" value={filter.topic}>
          <option value="">Any</option>
          {topics.map((topic) => (
            <option key={topic}>{topic}</option>
          ))}
        </Choice>
        <Choice label="Time" name="time" value={filter.time ? String(filter.time) : ''}>
          <option value="">Any</option>
          <option value="10">Up to 10 min</option>
          <option value="20">Up to 20 min</option>
          <option value="40">Up to 40 min</option>
        </Choice>
        {signedIn && (
          <Choice label="Done" name="done" value={filter.done}>
            <option value="">All</option>
            <option value="no">Not yet</option>
            <option value="yes">Done</option>
          </Choice>
        )}
        <Button type="submit">Show</Button>
        {filtering && (
          <Link href="/learn" className="min-h-11 content-center px-1 text-sm text-accent-ink hover:underline">
            Clear
          </Link>
        )}
      </form>
    </search>
  )
}

function Choice({ label, name, value, children }: { label: string; name: string; value: string; children: ReactNode }) {
  return (
    <label className="grid gap-1 max-lg:grow max-sm:basis-32">
      <span className="label">{label}</span>
      <select
        // A new address is a new choice: without the key the browser would keep the old one on the screen.
        key={value}
        name={name}
        defaultValue={value}
        className="min-h-11 rounded-sm border border-rule-strong bg-sheet px-2 text-sm"
      >
        {children}
      </select>
    </label>
  )
}
