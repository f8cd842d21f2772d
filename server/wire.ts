import type { IncomingMessage, RequestListener, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Gateway } from '#server/gateway.ts'
import type { PreviewGateway } from '#server/preview-gateway.ts'

type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

export type Wired = {
  /** Asked first, as it goes by the host: nothing of the platform's is served where pages of machines are. */
  previews?: Pick<PreviewGateway, 'handleRequest' | 'handleUpgrade'> | undefined
  /** Then by the path. */
  gateway?: Pick<Gateway, 'handleRequest' | 'handleUpgrade'> | undefined
  /** The rest; upgrades that nobody takes are destroyed. */
  handle: RequestListener
  upgrade?: Upgrade | undefined
}

/** Hands what comes to a server to the part that it is for. */
export function wire(server: Server, { previews, gateway, handle, upgrade }: Wired): void {
  server.on('request', (request, response) => {
    if (previews?.handleRequest(request, response) || gateway?.handleRequest(request, response)) return
    handle(request, response)
  })
  server.on('upgrade', (request, socket, head) => {
    if (previews?.handleUpgrade(request, socket, head) || gateway?.handleUpgrade(request, socket, head)) return
    if (upgrade) upgrade(request, socket, head)
    else socket.destroy()
  })
}
