/** How a server is called in ids: `db.acme.example:5432`. */
export function serverName(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : encodeURIComponent(host)}:${port}`;
}

/** The id of an index: `postgres://host:port/database/schema.index`. */
export function indexId(server: string, database: string, schema: string, index: string): string {
  return `postgres://${server}/${encode(database)}/${encode(schema)}.${encode(index)}`;
}

/** What the id of an index names; null where it is none. What a finding writes after a `#` is left out. */
export function readIndexId(id: string): {
  readonly server: string;
  readonly database: string;
  readonly schema: string;
  readonly index: string;
} | null {
  const [, server, database, schema, index] =
    /^postgres:\/\/([^/#]+)\/([^/.#]+)\/([^/.#]+)\.([^/.#]+)(?:#.*)?$/.exec(id) ?? [];
  if (server === undefined || database === undefined || schema === undefined || index === undefined)
    return null;
  return {
    server,
    database: decodeURIComponent(database),
    schema: decodeURIComponent(schema),
    index: decodeURIComponent(index),
  };
}

function encode(name: string): string {
  return encodeURIComponent(name).replaceAll('.', '%2E');
}
