import type { ExecutionContext } from 'ava';
import { type ConduitError, type ConduitErrorType, isConduitError } from 'fd-conduit';

type ErrorOf<Type extends ConduitErrorType> = Extract<ConduitError, { type: Type }>;

/** The error that `promise` rejects with, which is one of the library's of this type. */
export async function rejection<Type extends ConduitErrorType>(
  t: ExecutionContext,
  promise: Promise<unknown>,
  type: Type,
): Promise<ErrorOf<Type>> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  if (outcome === undefined) {
    throw new Error(`It resolved, and was to reject with ${type}`);
  }
  return checked(t, outcome.error, type);
}

/** The error that `work` throws, which is one of the library's of this type. */
export function thrown<Type extends ConduitErrorType>(
  t: ExecutionContext,
  work: () => unknown,
  type: Type,
): ErrorOf<Type> {
  try {
    work();
  } catch (error) {
    return checked(t, error, type);
  }
  throw new Error(`It returned, and was to throw ${type}`);
}

function checked<Type extends ConduitErrorType>(
  t: ExecutionContext,
  error: unknown,
  type: Type,
): ErrorOf<Type> {
  if (!isConduitError(error)) {
    throw error;
  }
  t.is(error.type, type, error.message);
  t.true(error instanceof Error);
  return error as ErrorOf<Type>;
}
