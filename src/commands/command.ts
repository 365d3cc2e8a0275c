import type { Command } from 'commander';
import type { ControlPlane } from '../doctor/facts.ts';
import type { Connection } from '../ports.ts';
import type { DeployedStack } from './stage.ts';
import type { EndingSignal, SIGNAL_EXIT_CODES } from '../errors.ts';

/** A command's terminal. Only results and `--json` output go to `out`. */
export type Io = {
  out: (line: string) => void;
  err: (line: string) => void;
  /** Asks a yes/no question; false when nobody can answer. */
  confirm: (question: string) => Promise<boolean>;
  /** Whether `err` is a terminal, for progress bars. */
  isTerminal: boolean;
  /** The size of the terminal that `out` goes to; undefined when `out` is not a terminal. */
  screen: () => { columns: number; rows: number } | undefined;
  /** Who runs the command: `ann@laptop`. */
  user: string;
  /** Aborted by Ctrl-C or a signal, with an Interrupted as the reason. */
  interrupted: AbortSignal;
};

/** 0 fine, 1 needs attention, 2 misuse; after a signal, 128 plus its number. */
export type ExitCode = 0 | 1 | 2 | (typeof SIGNAL_EXIT_CODES)[EndingSignal];

/** What every command gets. */
export type CommandContext = {
  io: Io;
  /**
   * Finds the region and, given a stage, uses the settings of the deployed stack instead of the environment's. Gives the region
   * and the stack's outputs, of which there are none without a stage.
   * @throws LoaderError
   */
  useStage: (stage: string | undefined, region: string | undefined) => Promise<DeployedStack>;
  /** Reads the configuration. @throws LoaderError (`usage`) when it is wrong. */
  connect: () => Connection;
  /** AWS beside the warehouse's data, in the region that was found. Loaded only when it is asked for. */
  controlPlane: () => Promise<ControlPlane>;
  exit: (code: ExitCode) => void;
  /** The release shown by --version. */
  version: string;
};

/** A command adds itself to the program. One file per command. */
export type AddCommand = (program: Command, context: CommandContext) => void;
