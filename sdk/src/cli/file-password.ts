import type { Option } from './command.ts';
import type { Io } from './io.ts';

/** A flag and never a value: arguments are seen by others on the machine and kept in histories. */
export const passwordOption = {
  type: 'boolean',
  help: 'Ask for the password that opens the file; or $INTAKT_FILE_PASSWORD, or standard input.',
} as const satisfies Option;

/** The password that opens the file; `undefined` where none was spoken of. */
export const askFilePassword = async ({ password }: { password?: true }, io: Io): Promise<string | undefined> =>
  password && io.password('Password of the file: ', 'INTAKT_FILE_PASSWORD');
