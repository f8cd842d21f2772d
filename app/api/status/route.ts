import { answer } from '#lib/http/respond.ts'
import { getClusterStatus } from '#lib/progress/get-cluster-status.ts'

export const GET = () => answer(getClusterStatus)
