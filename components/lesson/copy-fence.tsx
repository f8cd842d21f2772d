import { CopyButton } from '#components/lesson/copy-button.tsx'
import { Fence } from '#components/lesson/fence.tsx'
import type { CopyProps } from '#lib/content/elements.ts'

export function CopyFence({ code, language, children }: CopyProps) {
  return (
    <Fence label={language} action={<CopyButton code={code} />}>
      {children}
    </Fence>
  )
}
