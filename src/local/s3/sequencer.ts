/** Sequencers as S3 makes them: hexadecimal numbers of one length that grow with each write. Here they are made from the time. */

/** The number behind a sequencer of that time. */
export function sequenceAt(milliseconds: number): bigint {
  return BigInt(milliseconds) << 20n;
}

/** The number behind a sequencer; 0 of the empty text. */
export function sequenceOf(sequencer: string): bigint {
  return BigInt(`0x0${sequencer}`);
}

/** A number as a sequencer. */
export function sequencerText(sequence: bigint): string {
  return sequence.toString(16).toUpperCase().padStart(18, '0');
}
