import { AppError } from '#lib/errors.ts'
import { messageOf, statusOf } from '#lib/k8s/api.ts'

/** Quotas and limits say so (k8s.io/apiserver/plugin/pkg/admission/resourcequota, kubernetes/plugin/pkg/admission/limitranger). */
const TOO_MUCH = /exceeded quota|usage per (Container|Pod)|must specify/

/**
 * An object that the cluster refuses for good, as a typed error; anything else as it is. What a learner reads tells no
 * names of the cluster: these are in the log's message.
 */
export function asRefusal(error: unknown): unknown {
  const status = statusOf(error)
  if (status !== 400 && status !== 403 && status !== 422) return error
  const message = messageOf(error)
  const userMessage = TOO_MUCH.test(message)
    ? 'This lab asks for more than the cluster behind this platform allows. That is for its operator to mend, not for you.'
    : 'The cluster behind this platform refused this lab’s machines. That is for its operator to mend, not for you.'
  return new AppError('lab-unavailable', message, { userMessage, cause: error })
}
