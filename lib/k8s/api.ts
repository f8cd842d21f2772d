import { setTimeout as sleep } from 'node:timers/promises'
import {
  ApiException,
  CoreV1Api,
  createConfiguration,
  type KubeConfig,
  KubernetesObjectApi,
  ServerConfiguration,
  VersionApi,
} from '@kubernetes/client-node'
import { AppError } from '#lib/errors.ts'
import type { KubeConfigSource } from '#lib/k8s/kube-config.ts'

const CALL_TIMEOUT_MS = 5000
const BACKOFF_MS = [100, 300, 900]

/** The HTTP status the API server answered with; undefined when it did not answer at all. */
export const statusOf = (error: unknown): number | undefined => (error instanceof ApiException ? error.code : undefined)

export const messageOf = (error: unknown): string => {
  if (error instanceof ApiException) {
    const body: unknown = error.body
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    return `${error.code} ${text.slice(0, 500)}`
  }
  return error instanceof Error ? error.message : String(error)
}

/** Worth another try: no answer, too many requests, or a server in trouble. */
const isTransient = (error: unknown): boolean => {
  const status = statusOf(error)
  return status === undefined ? !(error instanceof AppError) : status === 429 || status >= 500
}

function configuration(config: KubeConfig, timeoutMs: number) {
  return createConfiguration({
    baseServer: new ServerConfiguration(config.getCurrentCluster()?.server ?? '', {}),
    authMethods: { default: config },
    promiseMiddleware: [
      {
        pre: async (request) => {
          request.setSignal(AbortSignal.timeout(timeoutMs))
          return request
        },
        post: async (response) => response,
      },
    ],
  })
}

/** The version of the server that this configuration names; one try. */
export async function serverVersion(config: KubeConfig, timeoutMs = CALL_TIMEOUT_MS): Promise<string> {
  const { gitVersion } = await new VersionApi(configuration(config, timeoutMs)).getCode()
  return gitVersion
}

/** For the few calls that the object client has not. */
export const coreApi = (config: KubeConfig): CoreV1Api => new CoreV1Api(configuration(config, CALL_TIMEOUT_MS))

/** Calls to whatever cluster the kubeconfig names now: each with a timeout and, where it helps, a few retries. */
export class KubernetesApi {
  readonly source: KubeConfigSource
  #made: { config: KubeConfig; api: KubernetesObjectApi } | undefined

  constructor(source: KubeConfigSource) {
    this.source = source
  }

  /**
   * Runs one idempotent call; `also` names further statuses after which it is worth trying again.
   * @throws ApiException as the server answered, or AppError `cluster-unavailable` when it did not
   */
  async call<T>(
    run: (api: KubernetesObjectApi, config: KubeConfig) => Promise<T>,
    also: (error: unknown) => boolean = () => false,
  ) {
    for (let attempt = 0; ; attempt++) {
      try {
        const config = await this.source.current()
        return await run(this.#api(config), config)
      } catch (error) {
        const backoffMs = BACKOFF_MS[attempt]
        if (backoffMs !== undefined && (isTransient(error) || also(error))) {
          await sleep(also(error) ? backoffMs / 10 : backoffMs)
          continue
        }
        if (statusOf(error) !== undefined || error instanceof AppError) throw error
        throw new AppError('cluster-unavailable', `the cluster does not answer: ${messageOf(error)}`, { cause: error })
      }
    }
  }

  #api(config: KubeConfig): KubernetesObjectApi {
    if (this.#made?.config !== config)
      this.#made = { config, api: new KubernetesObjectApi(configuration(config, CALL_TIMEOUT_MS)) }
    return this.#made.api
  }
}
