import type { STSClientConfig } from '@aws-sdk/client-sts';
import pLimit from 'p-limit';

/**
 * Requests of one client that are under way at once: less than the 50 connections that the SDK keeps (AWS SDK for
 * JavaScript v3 Developer Guide, "Configuring maxSockets in Node.js", 2026), since an answer holds its connection until
 * it is read.
 */
const IN_FLIGHT = 40;

type Configured = Parameters<NonNullable<STSClientConfig['extensions']>[number]['configure']>[0];
type Handler = ReturnType<Configured['httpHandler']>;

/** What the SDK calls a runtime extension: it may change how a client is configured before it is used. */
export interface AwsExtension {
  configure(client: { httpHandler(): Handler; setHttpHandler(handler: Handler): void }): void;
}

/**
 * Lets requests wait here until a connection is free. Those that wait in the SDK's own pool are counted as connecting
 * (setConnectionTimeout of @smithy/node-http-handler 4.14.2): of thousands that are asked for at once,
 * all that had not had their turn when the time for connecting was over would fail, and use up what may be retried.
 */
export const BOUNDED_IN_FLIGHT: AwsExtension = {
  configure(client) {
    const inner = client.httpHandler();
    const limit = pLimit(IN_FLIGHT);
    client.setHttpHandler({
      ...(inner.metadata === undefined ? {} : { metadata: inner.metadata }),
      handle: (request, options) => limit(() => inner.handle(request, options)),
      updateHttpClientConfig: (key, value) => inner.updateHttpClientConfig(key, value),
      httpHandlerConfigs: () => inner.httpHandlerConfigs(),
      destroy: () => inner.destroy?.(),
    });
  },
};
