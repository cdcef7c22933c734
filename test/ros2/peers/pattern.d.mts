export declare const HIDE_PROFILE: string;
export declare function fillPattern(pixels: Uint8Array, index: number): void;
