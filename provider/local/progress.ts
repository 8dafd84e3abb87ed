/** Told what is being waited for, in words; may be called often. */
export type OnProgress = (message: string) => void;
