import { randomUUID } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';

/** What a file of a repository has, whatever the process gives to the files of its data folder. */
const ORDINARY_MODE = 0o644;

/**
 * Writes `file` so that whoever reads it, at whatever moment, finds the old text or the new one, whole;
 * also when the machine stops in the middle. It keeps the mode of the old one.
 */
export async function writeAtomically(file: string, text: string): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, 'wx');
    try {
      await handle.chmod(await modeOf(file));
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function modeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).mode & 0o777;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ORDINARY_MODE;
    throw error;
  }
}
