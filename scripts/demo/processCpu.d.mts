export declare function parseCpuMs(stat: string): number;
export declare function readCpuMs(pid: number, procFolder?: string): number;
export declare function readWaitMs(pid: number, procFolder?: string): number;
