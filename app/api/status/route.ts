import { errorResponse, json } from '#lib/http/respond.ts'
import { getClusterStatus } from '#lib/progress/get-cluster-status.ts'

export async function GET(): Promise<Response> {
  try {
    return json(await getClusterStatus())
  } catch (thrown) {
    return errorResponse(thrown)
  }
}
