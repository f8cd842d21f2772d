import { checkHealth } from '#lib/http/check-health.ts'
import { answer } from '#lib/http/respond.ts'

export const GET = () => answer(checkHealth)
