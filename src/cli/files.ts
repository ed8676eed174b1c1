import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ConfigurationError } from '../errors.ts';

/**
 * Throws ConfigurationError when the file of this option cannot be written, before work is done in vain. Touches nothing.
 */
export async function requireWritable(option: string, file: string): Promise<void> {
  try {
    const found = await stat(file).catch(() => null);
    if (found?.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
    await access(found === null ? dirname(file) : file, constants.W_OK);
  } catch (cause) {
    throw notWritable(option, file, cause);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'its folder is a file',
  EISDIR: 'it is a folder',
  EACCES: 'this user may not',
  EROFS: 'it lies on a read-only disk',
  ENOSPC: 'the disk is full',
};

/** The refusal of a file by the system, in words; anything else comes back as it is. */
export function notWritable(option: string, file: string, cause: unknown): unknown {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === undefined) return cause;
  const reason = REASONS[code] ?? code;
  return new ConfigurationError(`${option} ${file}: cannot be written, ${reason}. Name another file.`, {
    cause,
  });
}
