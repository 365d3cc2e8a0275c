/** Sequencers as S3 makes them: hexadecimal numbers that grow with each write. Here they are made from the time. */

/** The sequencer of a write whose moment (epoch milliseconds, with fraction) is known: always the same for the same moment. */
export function sequencerAt(milliseconds: number): string {
  return sequencerText(sequenceAt(milliseconds));
}

/** The number behind a sequencer of that moment. */
export function sequenceAt(milliseconds: number): bigint {
  const whole = Math.floor(milliseconds);
  return (BigInt(whole) << 20n) + BigInt(Math.floor((milliseconds - whole) * 2 ** 20));
}

/** A number as a sequencer. */
export function sequencerText(sequence: bigint): string {
  return sequence.toString(16).toUpperCase().padStart(18, '0');
}
