import { expect, it } from 'vitest'
import { type Panels, panelsCookie, parsePanels } from '#components/workspace/panels.ts'

const roundTrip = (panels: Panels) => parsePanels(panelsCookie(panels).split(';')[0]?.split('=')[1])

it.each<Panels>([
  { split: 46, rail: 'auto', layout: 'both' },
  { split: 28, rail: 0, layout: 'text' },
  { split: 72, rail: 60, layout: 'machine' },
])('comes back as it was kept: %j', (panels) => {
  expect(roundTrip(panels)).toEqual(panels)
})

it.each([undefined, '', '_', 'x_y_z', '1_1_1', '99_99_both', 'NaN_NaN_NaN', '__'])('%s is as at the start', (value) => {
  expect(parsePanels(value)).toEqual({ split: 46, rail: 'auto', layout: 'both' })
})
