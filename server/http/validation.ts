import createCompilers from '@fastify/ajv-compiler';
import type { FastifyServerOptions } from 'fastify';

type Options = { readonly customOptions: object };
type Compile = (route: { readonly httpPart?: string }) => unknown;
type Build = (schemas: unknown, options: Options) => Compile;

/** The compilers' own types know neither the parts of a request nor that JSON need not be coerced. */
const build = createCompilers() as unknown as Build;

const buildValidator: Build = (schemas, options) => {
  // Otherwise a number that text makes infinite is held against no bound.
  const ofText = build(schemas, { ...options, customOptions: { ...options.customOptions, strictNumbers: false } });
  const ofJson = build(schemas, { ...options, customOptions: { ...options.customOptions, coerceTypes: false } });
  return (route) => (route.httpPart === 'body' ? ofJson(route) : ofText(route));
};

/**
 * How requests are held against their schemas: what a path or query says is text and becomes what the schema asks for;
 * a JSON body has types of its own, and `null` there is not 0 and not "". Defaults are filled in. Members that a schema
 * does not name pass, unless it forbids them: a feature takes by name what it stores.
 */
export const validation = {
  ajv: { customOptions: { coerceTypes: 'array', removeAdditional: true, useDefaults: true } },
  schemaController: { compilersFactory: { buildValidator } },
} as unknown as Pick<FastifyServerOptions, 'ajv' | 'schemaController'>;
