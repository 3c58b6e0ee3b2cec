import { readFile } from 'node:fs/promises';

/** USER_HZ, which Linux holds at 100 for everybody who reads /proc. */
const MICROSECONDS_PER_TICK = 10_000;

/** CPU time of a process so far, all its threads, user and kernel, in microseconds (proc(5), `stat`). */
export async function cpuMicros(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The second field is a name in parentheses that may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MICROSECONDS_PER_TICK;
}

/** The most memory that a process has held so far, in MB (proc(5), `VmHWM`). */
export async function peakMemoryMb(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/^VmHWM:\s+(\d+) kB$/m.exec(text)?.[1]) / 1024);
}
