import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';
import { createLogUpdate } from 'log-update';
import type { JobDetail } from '../gateway/wire.js';
import type { Progress } from './progress.js';
import { progressLines, type Signs } from './progress-lines.js';

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 80;

/** Progress in a terminal: a line for each step, rewritten as it changes. */
export class TerminalProgress implements Progress {
  private readonly terminal: WriteStream;
  private readonly update: ReturnType<typeof createLogUpdate>;
  private readonly timer = setInterval(() => this.draw(), FRAME_MS);
  private job: JobDetail | null = null;
  private frame = 0;

  constructor(terminal: WriteStream) {
    this.terminal = terminal;
    this.update = createLogUpdate(terminal);
  }

  show(job: JobDetail): void {
    this.job = job;
    this.draw();
  }

  say(line: string): void {
    this.update.persist(line);
    this.draw();
  }

  /** Leaves the lines as they are now, also those that the terminal was too low for. */
  end(): void {
    clearInterval(this.timer);
    if (!this.job) return;
    this.update.clear();
    this.update.done();
    // What was under way is not any more, at least not before these eyes.
    const { cancelled } = this.signs();
    this.terminal.write(`${this.lines(this.job, { ...this.signs(), running: cancelled }).join('\n')}\n`);
    this.job = null;
  }

  private draw(): void {
    this.frame = (this.frame + 1) % SPINNER.length;
    if (this.job) this.update(this.lines(this.job, this.signs()).join('\n'));
  }

  private lines(job: JobDetail, signs: Signs): string[] {
    return progressLines(job, this.terminal.columns, signs);
  }

  private signs(): Signs {
    const colour = (name: 'dim' | 'yellow' | 'green' | 'red', sign: string) =>
      this.terminal.hasColors() ? styleText(name, sign) : sign;
    return {
      waiting: colour('dim', '·'),
      running: colour('yellow', SPINNER[this.frame] ?? ''),
      done: colour('green', '✔'),
      failed: colour('red', '✖'),
      cancelled: colour('yellow', '■'),
    };
  }
}
