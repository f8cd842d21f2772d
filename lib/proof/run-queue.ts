/** Runs jobs in their order, so many at a time. Resolves with what they gave; the first failure ends all that has not begun. */
export async function runQueue<T>(jobs: (() => Promise<T>)[], atOnce: number): Promise<T[]> {
  const results: T[] = []
  const queue = jobs.entries()
  const work = async () => {
    for (const [index, job] of queue) results[index] = await job()
  }
  await Promise.all(Array.from({ length: Math.max(1, atOnce) }, work))
  return results
}
