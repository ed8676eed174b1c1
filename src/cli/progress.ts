import type { Io } from './io.ts';

/** How far a piece of work is. `total` null: not known yet. */
export interface ProgressState {
  readonly label: string;
  readonly done: number;
  readonly total: number | null;
  /** Anything worth a word, e.g. why it waits. */
  readonly note?: string;
}

/** Shows how far a piece of work is. */
export interface Progress {
  /** `elapsedMs` since the work began. */
  show(state: ProgressState, elapsedMs: number): void;
  /** Wipes the line, so that the result starts on a clean one. */
  clear(): void;
}

/** A progress line on a terminal; nothing elsewhere. */
export function createProgress(io: Io, quiet: boolean): Progress {
  const { columns } = io;
  if (columns === null || quiet) return { show() {}, clear() {} };
  return {
    show: (state, elapsedMs) => io.err(`\r\u001b[2K${progressLine(state, elapsedMs, columns)}`),
    clear: () => io.err('\r\u001b[2K'),
  };
}

/** The line itself: bar, counts, rate and time left, cut to the terminal's width. */
export function progressLine(state: ProgressState, elapsedMs: number, columns: number): string {
  const rate = elapsedMs > 0 ? (state.done * 1_000) / elapsedMs : 0;
  const parts = [state.label, bar(state), counts(state), `${Math.round(rate)}/s`];
  if (state.total !== null && rate > 0 && state.done < state.total) {
    parts.push(`${duration((state.total - state.done) / rate)} left`);
  }
  if (state.note !== undefined) parts.push(state.note);
  return parts.join('  ').slice(0, Math.max(columns - 1, 10));
}

/** Seconds as a person says them: `8 s`, `3 min 05 s`, `2 h 10 min`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

const BAR_WIDTH = 24;

function bar({ done, total }: ProgressState): string {
  const share = total === null || total === 0 ? 0 : Math.min(1, done / total);
  const filled = Math.floor(share * BAR_WIDTH);
  return `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}`;
}

function counts({ done, total }: ProgressState): string {
  return total === null ? `${done}` : `${done} of ${total}`;
}
