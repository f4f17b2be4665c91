import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { mayBeLeftOut, neededOf } from './request-body.ts';

const names = { type: 'array', items: { type: 'string' } };

/** The form of an upload, which is read as a stream and therefore has no schema at its route. */
const uploadForm = {
  required: true,
  content: {
    'multipart/form-data': {
      schema: {
        type: 'object',
        required: ['file'],
        properties: {
          file: { type: 'string', format: 'binary', description: 'The file. Its name’s ending says what it is.' },
          seal: { ...names, description: 'Columns to seal, whatever is found in them.' },
          plain: { ...names, description: 'Columns to leave as they are, whatever is found in them.' },
          delimiter: { type: 'string', description: 'Column separator of a text file; `tab` for a tab.' },
          quote: { type: 'string', description: 'What encloses cells of a text file: one character, or `none`.' },
          escape: { type: 'string', description: 'What makes a quote part of a cell beside doubling it, or `none`.' },
          comment: { type: 'string', description: 'The character that begins lines which are comments.' },
          skip_lines: { type: 'integer', description: 'Lines above the table; 0 says that there are none.' },
          encoding: { type: 'string', description: 'A WHATWG encoding label.' },
          header: {
            type: 'string',
            enum: ['present', 'absent'],
            description: 'Whether the first row names the columns.',
          },
          password: {
            type: 'string',
            description: 'Opens a file that is encrypted. It is not stored, and is taken as a field of the form alone.',
          },
          header_rows: { type: 'integer', description: 'Lines of the header, which are joined by blanks.' },
          ragged: {
            type: 'string',
            enum: ['reject', 'pad', 'extra'],
            description: 'What becomes of rows with more or fewer cells than there are columns.',
          },
          as: {
            type: 'string',
            description:
              'What the file is (csv, xlsx …), whatever its name ends in; `auto` goes by the content. Before the file.',
          },
          rows: {
            type: 'string',
            description: 'The path of the elements of an XML document that are rows: `feed/entry`.',
          },
        },
      },
    },
  },
};

/** The same with any number of files, all with the same options. */
function formOfSeveral(): object {
  const { file, ...options } = uploadForm.content['multipart/form-data'].schema.properties;
  const properties = { files: { type: 'array', items: file }, ...options };
  const schema = { type: 'object', required: ['files'], properties };
  return { required: true, content: { 'multipart/form-data': { schema } } };
}

/** What is sent as a stream and therefore has no schema at its route: the types it is sent as. */
const STREAMS: Readonly<Record<string, readonly string[]>> = {
  '/files/{file_id}/download': ['application/octet-stream'],
  '/download/{filename}': ['application/octet-stream'],
  '/datasets/{dataset_id}/export': ['text/csv'],
  '/export/csv': ['text/csv'],
  '/audit/export': ['application/x-ndjson', 'text/csv'],
};

/** The answer of `POST /upload/csv`, which is sent as it is read. */
const csvRows = {
  description: 'The header, and then the rows.',
  content: {
    'application/json': {
      schema: {
        type: 'object',
        required: ['file_id', 'dataset_id', 'reject_count', 'rows'],
        properties: {
          ...{ file_id: { type: 'string' }, dataset_id: { type: 'string' }, reject_count: { type: 'integer' } },
          rows: { type: 'array', items: { type: 'array', items: { type: 'string' } } },
        },
      },
    },
  },
};

/** What the OpenAPI 3.1 document says besides the routes. Paths are those under `/v1`. */
export const openApiDocument = (version: string): FastifyDynamicSwaggerOptions => ({
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'Intakt',
      version,
      description: 'Takes in files that hold people’s data, seals what is sensitive, and serves the rows.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/v1' }],
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        client: { type: 'http', scheme: 'basic', description: 'A client’s identifier and key.' },
      },
    },
    security: [{ bearer: [] }],
    tags: [
      { name: 'auth', description: 'Registering and logging in' },
      { name: 'users', description: 'Who there is and what they may' },
      { name: 'clients', description: 'Programs that log in with a key of their own' },
      { name: 'oauth', description: 'OAuth 2.0: tokens in the form that its clients ask for' },
      { name: 'workspaces', description: 'Whose data is apart from everybody else’s, and how much of it there may be' },
      { name: 'files', description: 'What was uploaded' },
      { name: 'datasets', description: 'The tables parsed out of files' },
      { name: 'live', description: 'Following a file while it is parsed' },
      { name: 'audit', description: 'Who did what' },
      { name: 'keys', description: 'Keys of the workspace' },
      { name: 'health', description: 'State of the service' },
    ],
  },
  transformObject: (document) => {
    if (!('openapiObject' in document)) return document.swaggerObject;
    const { paths } = document.openapiObject;
    for (const path of ['/files', '/upload', '/upload/save', '/upload/csv']) {
      Object.assign(paths?.[path]?.post ?? {}, { requestBody: uploadForm });
    }
    Object.assign(paths?.['/upload/multiple']?.post ?? {}, { requestBody: formOfSeveral() });
    for (const methods of Object.values(paths ?? {}))
      for (const operation of Object.values(methods ?? {})) {
        relax(operation as Operation);
        nameProblems(operation as Operation);
      }
    describeStreams(paths as Record<string, Record<string, Operation>>);
    return document.openapiObject;
  },
});

interface Described {
  required?: boolean | string[];
  minProperties?: number;
  schema?: Described;
  properties?: Record<string, Described>;
  default?: unknown;
  type?: string;
  anyOf?: Described[];
}

interface Operation {
  parameters?: Described[];
  requestBody?: { required?: boolean; content?: Record<string, Described> };
  responses?: Record<string, Answer>;
}

interface Answer {
  description?: string;
  content?: Record<string, Described>;
}

/** Errors are `application/problem+json` (RFC 9457), but for those of OAuth 2.0, which have a shape of their own. */
function nameProblems({ responses = {} }: Operation): void {
  for (const [status, answer] of Object.entries(responses)) {
    const json = answer.content?.['application/json'];
    if (/^[45]/.test(status) && json?.schema?.properties?.code) answer.content = { 'application/problem+json': json };
  }
}

function describeStreams(paths: Record<string, Record<string, Operation>>): void {
  const { '4XX': refused, '5XX': failed } = paths['/files']!.post!.responses!;
  for (const [path, types] of Object.entries(STREAMS)) {
    const content = Object.fromEntries(types.map((type) => [type, { schema: { type: 'string' } }]));
    const sent = { 200: { description: 'The whole, as a file to save.', content } };
    paths[path]!.get!.responses = { ...sent, '4XX': refused!, '5XX': failed! };
  }
  const csv = paths['/upload/csv']!.post!;
  csv.responses = { 200: csvRows, ...csv.responses };
}

/**
 * What has a default may be left out of a request: the validator fills it in. So may a body that can be null, and one in
 * which nothing is needed.
 */
function relax(operation: Operation): void {
  for (const parameter of operation.parameters ?? []) {
    if (parameter.schema?.default !== undefined) parameter.required = false;
  }
  for (const { schema } of Object.values(operation.requestBody?.content ?? {})) {
    if (schema?.anyOf?.some(({ type }) => type === 'null')) operation.requestBody!.required = false;
    if (schema?.type !== 'object') continue;
    if (mayBeLeftOut(schema)) operation.requestBody!.required = false;
    const needed = neededOf(schema);
    if (needed.length > 0) schema.required = needed;
    else delete schema.required;
  }
}
