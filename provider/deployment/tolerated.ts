import { BadResponseError, JobNotFoundError, RequestRejectedError } from "../flink/errors";

/** Undefined: Flink does not know the job. */
export async function unlessMissing<T>(request: () => Promise<T>): Promise<T | undefined> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof JobNotFoundError) return undefined;
    throw error;
  }
}

/** Of a server whose answer is not understood, or that refuses it. */
export async function unlessUnreadable<T>(request: () => Promise<T>): Promise<T | undefined> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof BadResponseError || error instanceof RequestRejectedError) return undefined;
    throw error;
  }
}
