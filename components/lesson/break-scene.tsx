'use client'

import { useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { useLab } from '#components/workspace/lab-context.tsx'
import type { BreakProps } from '#lib/content/elements.ts'
import { isUsable } from '#lib/sandbox/states.ts'
import type { SceneView } from '#lib/sandbox/view.ts'

/** One hidden fault of several is put into the machine; the reader names where it is, then mends it. */
export function BreakScene({ scene, layers, children }: BreakProps) {
  const sandbox = useLab()?.sandbox
  const view = sandbox?.view
  const usable = view != null && isUsable(view.state)
  const played = usable ? view.scenes.find((one) => one.scene === scene) : undefined
  const state = played?.state ?? 'whole'
  const busy = sandbox?.busy === 'scene'
  const again = state === 'mended' || state === 'failed'
  return (
    <div className="frame p-4 sm:p-5">
      <p className="label mb-2">Broken on purpose</p>
      <div className="[&>*+*]:mt-4">{children}</div>
      <p className="mt-3 hidden text-sm text-ink-soft scripting-none:block print:block">
        Where it may be: {layers.join(' · ')}
      </p>
      <div className="mt-4 border-t border-rule pt-4 text-sm scripting-none:hidden" data-print="hide">
        {played && state === 'broken' && (
          <Diagnosis scene={played} busy={busy} onName={(layer) => sandbox?.nameLayer(scene, layer)} />
        )}
        <p role="status" className="mb-3 empty:hidden">
          {state === 'asked' && 'Breaking something on your machine …'}
          {state === 'mended' && <span className="text-pass">Mended. It works again.</span>}
          {state === 'mended' && played?.right === false && ' It was not where you looked for it.'}
          {state === 'failed' && 'Nothing could be broken, and that is our mistake. Everything works as before.'}
        </p>
        {(state === 'whole' || again) && (
          <Button size="sm" disabled={!usable || busy} onClick={() => sandbox?.breakScene(scene)}>
            {again ? 'Break something else' : 'Break something'}
          </Button>
        )}
        {!usable && <p className="mt-2 text-ink-soft">That needs a running machine.</p>}
      </div>
    </div>
  )
}

type DiagnosisProps = { scene: SceneView; busy: boolean; onName: (layer: string) => void }

/** Naming comes before mending; another try is always open. */
function Diagnosis({ scene: { scene, layers, named, right }, busy, onName }: DiagnosisProps) {
  const [chosen, setChosen] = useState(named ?? '')
  const told = named !== null && named === chosen
  return (
    <fieldset className="mb-3">
      <legend className="mb-2 font-[560]">Something is broken now. Look round: where is it?</legend>
      <div className="grid gap-2">
        {layers.map((layer) => (
          <label
            key={layer}
            className={`flex cursor-pointer gap-3 border px-3 py-2 hover:border-rule-strong ${chosen === layer ? 'border-ink' : 'border-rule'}`}
          >
            <input
              type="radio"
              name={`scene-${scene}`}
              checked={chosen === layer}
              onChange={() => setChosen(layer)}
              className="mt-0.5"
            />
            {layer}
          </label>
        ))}
      </div>
      <div className="mt-3 flex flex-wrap items-center gap-3">
        <Button size="sm" variant="outline" disabled={chosen === '' || told || busy} onClick={() => onName(chosen)}>
          That is my diagnosis
        </Button>
        <p role="status">
          {told &&
            (right ? (
              <span className="text-pass">Right. Now mend it.</span>
            ) : (
              <span className="text-accent-ink">Not there. Look again.</span>
            ))}
        </p>
      </div>
    </fieldset>
  )
}
