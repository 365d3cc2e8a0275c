/** The part of the package that reads streams; it comes without types. */
declare module 'zstd-codec/lib/zstd-codec-binding-wasm.js' {
  export type ZstdBinding = { ZstdDecompressStreamBinding: new () => ZstdDecompressStream };
  export type ZstdDecompressStream = {
    begin: () => void;
    /** Decodes more input and hands over what comes of it, in memory that is used again. False: the input is damaged. */
    transform: (input: Uint8Array, onOutput: (bytes: Uint8Array) => void) => boolean;
    delete: () => void;
  };
  export type StartOptions = {
    onRuntimeInitialized: () => void;
    print: (line: string) => void;
    printErr: (line: string) => void;
  };
  /** Makes a binding of the module it is given, with a memory of its own. */
  export default function startDecoder(module: Partial<ZstdBinding> & StartOptions): void;
}
