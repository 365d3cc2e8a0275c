import type { Command } from 'commander';
import type { Connection } from '../ports.ts';
import type { EndingSignal, SIGNAL_EXIT_CODES } from '../errors.ts';

/** Where a command prints and what it learns from outside. Only `--json` output and results go to `out`. */
export type Io = {
  out: (line: string) => void;
  err: (line: string) => void;
  /** Asks a yes/no question; false where nobody can answer. */
  confirm: (question: string) => Promise<boolean>;
  /** Whether `err` is a terminal: progress bars. */
  isTerminal: boolean;
  /** How much the terminal shows that `out` goes to; undefined where `out` is none. */
  screen: () => { columns: number; rows: number } | undefined;
  /** Who runs the command, as this machine knows them: `ann@laptop`. */
  user: string;
  /** Aborted by Ctrl-C and its like, with an Interrupted as its reason. */
  interrupted: AbortSignal;
};

/** 0 fine, 1 needs attention, 2 misuse; ended by a signal, what shells know the signal by. */
export type ExitCode = 0 | 1 | 2 | (typeof SIGNAL_EXIT_CODES)[EndingSignal];

/** What every command is given. */
export type CommandContext = {
  io: Io;
  /**
   * Finds the region, and takes the settings of a deployed stack, if one is named, in place of the environment's.
   * @throws LoaderError
   */
  useStage: (stage: string | undefined, region: string | undefined) => Promise<void>;
  /** Reads the configuration. @throws LoaderError (`usage`) when it is wrong. */
  connect: () => Connection;
  exit: (code: ExitCode) => void;
  /** The release, as --version tells it. */
  version: string;
};

/** A command adds itself to the program. One file per command. */
export type AddCommand = (program: Command, context: CommandContext) => void;
