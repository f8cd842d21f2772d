const FACTOR: Record<string, number> = {
  ...{ n: 1e-9, u: 1e-6, m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 },
}

/**
 * A Kubernetes quantity (`256Mi`, `50m`, `1e3`) as a number; 0 for what is none. The client keeps its own to itself.
 * Source: k8s.io/apimachinery/pkg/api/resource.
 */
export function quantity(text: string | undefined): number {
  const [, amount, suffix = ''] = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([a-zA-Z]*)$/.exec(text ?? '') ?? []
  return amount === undefined ? 0 : Number(amount) * (FACTOR[suffix] ?? Number.NaN) || 0
}
