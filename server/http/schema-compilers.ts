import createCompilers from '@fastify/ajv-compiler';
import createSerializers from '@fastify/fast-json-stringify-compiler';
import type { FastifyServerOptions } from 'fastify';

type Options = { readonly customOptions: object };
type Route = { readonly httpPart?: string };
/** A validator or serializer. A validator leaves what is wrong in `errors`. */
type Compiled = ((data: unknown) => unknown) & { errors?: unknown };
type Build = (schemas: unknown, options: Options) => (route: Route) => Compiled;

/** The compilers' own types know neither the parts of a request nor that JSON need not be coerced. */
const build = createCompilers() as unknown as Build;
const buildSerializer = createSerializers() as unknown as Build;

const buildValidator: Build = (schemas, options) => {
  // Otherwise a number that text makes infinite is held against no bound.
  const ofText = build(schemas, { ...options, customOptions: { ...options.customOptions, strictNumbers: false } });
  const ofJson = build(schemas, { ...options, customOptions: { ...options.customOptions, coerceTypes: false } });
  return (route) => (route.httpPart === 'body' ? ofJson(route) : ofText(route));
};

/** Compiles a schema when it is first used: there are hundreds, and all of them would be a third of a start. */
function lazily(buildAll: Build): Build {
  return (schemas, options) => {
    const compile = buildAll(schemas, options);
    return (route) => whenUsed(() => compile(route));
  };
}

function whenUsed(compile: () => Compiled): Compiled {
  let compiled: Compiled | undefined;
  const run: Compiled = (data) => {
    compiled ??= compile();
    const result = compiled(data);
    run.errors = compiled.errors;
    return result;
  };
  return run;
}

/**
 * How requests are held against their schemas: what a path or query says is text and becomes what the schema asks for;
 * a JSON body has types of its own, and `null` there is not 0 and not "". Defaults are filled in. Members that a schema
 * does not name pass, unless it forbids them: a feature takes by name what it stores. Answers are written by their schemas.
 */
export const schemaCompilers = {
  ajv: { customOptions: { coerceTypes: 'array', removeAdditional: true, useDefaults: true } },
  schemaController: {
    compilersFactory: { buildValidator: lazily(buildValidator), buildSerializer: lazily(buildSerializer) },
  },
} as unknown as Pick<FastifyServerOptions, 'ajv' | 'schemaController'>;
