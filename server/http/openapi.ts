import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';

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
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
    security: [{ bearer: [] }],
    tags: [
      { name: 'auth', description: 'Registering and logging in' },
      { name: 'users', description: 'Who there is and what they may' },
      { name: 'files', description: 'What was uploaded' },
      { name: 'datasets', description: 'The tables parsed out of files' },
      { name: 'live', description: 'Following a file while it is parsed' },
      { name: 'audit', description: 'Who did what' },
      { name: 'keys', description: 'Keys of the workspace' },
      { name: 'health', description: 'State of the service' },
    ],
  },
});
