import { StoreError } from '../../core/errors.js';
import { counted } from '../../core/words.js';

const usualAttempts = 8;

/** How often a request is made before it counts as failed: as AWS_MAX_ATTEMPTS says, which the SDK's other programs follow. */
export function mostAttempts(env: NodeJS.ProcessEnv = process.env): number {
  const given = Number(env.AWS_MAX_ATTEMPTS);
  return Number.isInteger(given) && given > 0 ? given : usualAttempts;
}

interface S3Fault {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  /** The SDK counts those that it made itself. */
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number };
}

const refusedNames = [
  'AccessDenied',
  'AllAccessDisabled',
  'ExpiredToken',
  'InvalidAccessKeyId',
  'InvalidToken',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
];
const regionNames = [
  'AuthorizationHeaderMalformed',
  'PermanentRedirect',
  'IllegalLocationConstraintException',
];

/** The status of a response; 0 where none came. */
export function statusOf(error: unknown): number {
  return (error as S3Fault).$metadata?.httpStatusCode ?? 0;
}

/** The bucket of `s3://bucket/key`. */
function bucketOf(address: string): string {
  return address.split('/').slice(0, 3).join('/');
}

/** What is not to be had by asking again, and what to do about it; null for anything else. */
function lastingFault(address: string, error: S3Fault): string | null {
  const { name, message } = error;
  const status = statusOf(error);
  if (name === 'NoSuchBucket')
    return `${bucketOf(address)}: there is no such bucket; check its name, AWS_REGION and AWS_ENDPOINT_URL`;
  if (name === 'CredentialsProviderError')
    return `${address}: no credentials were found; give AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or a role to the machine or pod`;
  if (refusedNames.includes(name) || status === 401 || status === 403)
    return `${address}: the store refuses these credentials (${status} ${name}); check that they are valid and may list, read and write there`;
  if (regionNames.includes(name) || status === 301)
    return `${address}: the bucket is in another region (${name}); set AWS_REGION to that of the bucket`;
  if (/^Region is missing/.test(message)) return `${address}: no region is known; set AWS_REGION`;
  if (name === 'NoSuchKey' || status === 404) return `${address} does not exist`;
  if (status >= 400 && status < 500 && ![408, 409, 412, 429].includes(status))
    return `${address}: the store refuses the request (${status} ${name}: ${message})`;
  return null;
}

/**
 * An error of the SDK as one with the address, and with what helps.
 *
 * @param attempts How often it was tried, where that was not the SDK.
 */
export function s3Fault(
  address: string,
  error: unknown,
  attempts = (error as S3Fault).$metadata?.attempts,
): StoreError {
  if (error instanceof StoreError) return error;
  const fault = error as S3Fault;
  const lasting = lastingFault(address, fault);
  if (lasting !== null) return new StoreError(lasting, false, { address });
  if (statusOf(error) === 412)
    return new StoreError(`${address} was changed while it was read: run again`, true, { address });
  const status = statusOf(error);
  const why = status === 0 ? (fault.code ?? fault.name) : `${status} ${fault.name}`;
  const tried = attempts === undefined ? '' : ` in ${counted(attempts, 'attempt')}`;
  const what = `${address}: the store did not do it${tried} (${why}: ${fault.message}); run again later, or with fewer workers`;
  return new StoreError(what, true, { address, status });
}
