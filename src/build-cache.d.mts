export declare const PROJECT: string;
export declare function cached(
  name: string,
  build: (directory: string) => Promise<unknown>,
): Promise<string | undefined>;
