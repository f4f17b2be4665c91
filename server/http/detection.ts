import Type from 'typebox';
import type { DetectionSettings } from '../accounts/detection-settings.ts';
import { CHECKSUMS } from '../infer/detectors/checksums.ts';
import type { Detection } from '../infer/infer.ts';
import { treatmentOf } from '../infer/policy.ts';
import { SENSITIVE_KINDS } from '../infer/profile.ts';
import type { App } from './app-type.ts';
import { errors, named, text } from './schemas.ts';

const Treatment = Type.Union(
  [Type.Literal('seal'), Type.Literal('mask'), Type.Literal('warn'), Type.Literal('leave')],
  { description: 'seal: tokens; mask: masked for good; warn: reported, stays plain; leave: not looked for.' },
);
const Policy = Type.Record(Type.String(), Treatment, {
  description: 'By kind; those left out keep the usual treatment.',
});

const TaughtKind = named(
  'TaughtKind',
  Type.Object({
    id: Type.String({ description: '2 to 40 small letters, digits and _.' }),
    title: text(100),
    patterns: Type.Array(text(300), { description: 'One of which a whole value matches. docs/detection.md says how.' }),
    checksum: Type.Union([Type.String(), Type.Null()], {
      default: null,
      description: `Over the letters and digits of the value: ${Object.keys(CHECKSUMS).join(', ')}; null for none.`,
    }),
    header: Type.Array(text(100), { default: [], description: 'Words of column names that speak of it.' }),
    header_needed: Type.Boolean({ default: false, description: 'Only below one of these words.' }),
    share: Type.Number({ default: 0.6, description: 'Share of a column’s values that must be of it, over 0 to 1.' }),
  }),
);

const Settings = named(
  'DetectionSettings',
  Type.Object({
    policy: Policy,
    taught: Type.Array(TaughtKind),
    effective: Type.Record(Type.String(), Treatment, { description: 'What becomes of every kind there is.' }),
  }),
);

/** What is looked for in the workspace’s files, and what becomes of it. */
export function detectionRoutes(app: App, settings: DetectionSettings): void {
  app.get(
    '/workspaces/current/detection',
    {
      schema: {
        operationId: 'getDetection',
        tags: ['workspaces'],
        summary: 'Which sensitive kinds are looked for, and what becomes of them',
        response: { 200: Settings, ...errors },
      },
    },
    async (request) => tell(await settings.get(request.actor)),
  );

  app.put(
    '/workspaces/current/detection',
    {
      schema: {
        operationId: 'setDetection',
        tags: ['workspaces'],
        summary: 'Set what becomes of sensitive kinds, and teach kinds of one’s own; for files parsed from now on',
        body: Type.Object({ policy: Policy, taught: Type.Array(TaughtKind, { default: [] }) }),
        response: { 200: Settings, ...errors },
      },
    },
    async (request) => {
      const { policy, taught } = request.body;
      const kinds = taught.map(({ header_needed: headerNeeded, ...kind }) => ({ ...kind, headerNeeded }));
      return tell(await settings.set(request.actor, { policy, taught: kinds }));
    },
  );
}

function tell({ policy, taught }: Detection) {
  const kinds = [...SENSITIVE_KINDS, ...taught.map(({ id }) => id)];
  return {
    policy: { ...policy },
    taught: taught.map(({ headerNeeded, patterns, header, ...kind }) => ({
      ...kind,
      patterns: [...patterns],
      header: [...header],
      header_needed: headerNeeded,
    })),
    effective: Object.fromEntries(kinds.map((kind) => [kind, treatmentOf(policy, kind)])),
  };
}
