import { type Discovery, type Method, methodsOf } from './gcp.discovery.ts';

/** One method of an API and the paths that it answers. */
export interface Route {
  readonly document: Discovery;
  readonly method: Method;
  readonly pattern: RegExp;
}

/** Every method of these documents. */
export function routesOf(documents: readonly Discovery[]): readonly Route[] {
  return documents.flatMap((document) =>
    methodsOf(document).map((method) => ({ document, method, pattern: patternOf(document, method) })),
  );
}

function patternOf(document: Discovery, method: Method): RegExp {
  const path = `/${document.servicePath}${method.flatPath ?? method.path}`;
  const parts = path
    .split(/(\{[^}]+\})/)
    .map((part) => (part.startsWith('{') ? '[^/:]+' : part.replace(/[.*+?^$()|[\]\\]/g, '\\$&')));
  return new RegExp(`^${parts.join('')}$`);
}

/**
 * Parameters that are no API's own: the document's list, and those that Google's own clients send. Compute's
 * document leaves `returnPartialSuccess` out of the lists and recommends it in the methods' descriptions.
 */
export function isParameter({ document, method }: Route, key: string): boolean {
  return (
    method.parameters?.[key] !== undefined ||
    method.description?.includes(`\`${key}\``) === true ||
    document.parameters?.[key] !== undefined ||
    key === '$alt' ||
    camel(key) in (method.parameters ?? {})
  );
}

const camel = (key: string): string => key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
