import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { StoreError } from '../../core/errors.js';
import type { ObjectStore, StoredObject } from './objectStore.js';
import { RangedBytes } from './rangedBytes.js';
import { checkListed, ListingPages, readBody } from './s3Answers.js';
import { mostAttempts, s3Fault, statusOf } from './s3Faults.js';

type Sdk = typeof import('@aws-sdk/client-s3');

/** A larger file is written in parts of this size; S3 takes 10,000 of them. */
const partBytes = 64 * 1024 * 1024;
const connectionMs = 10_000;
const silenceMs = 60_000;
/** How often a body that broke off is asked for again: the SDK repeats requests, not what breaks off behind their heads. */
const mostBodies = 4;

/** A bucket of S3, or of a server that speaks as S3 does. */
export class S3Store implements ObjectStore {
  readonly isFar = true;
  readonly #sdk: Sdk;
  readonly #client: S3Client;
  readonly #bucket: string;

  private constructor(sdk: Sdk, client: S3Client, bucket: string) {
    this.#sdk = sdk;
    this.#client = client;
    this.#bucket = bucket;
  }

  /** Region, endpoint and credentials come from where the SDK looks for them. */
  static async open(bucket: string): Promise<S3Store> {
    // The SDK is pinned: which Node its later versions need is no news for whoever runs this one.
    process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
    // What runs without buckets does not load it.
    const sdk = await import('@aws-sdk/client-s3');
    const hasEndpoint = (process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL ?? '') !== '';
    const region = process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;
    const client = new sdk.S3Client({
      maxAttempts: mostAttempts(),
      retryMode: 'standard',
      requestHandler: { connectionTimeout: connectionMs, socketTimeout: silenceMs },
      // Servers of one's own have no name for each bucket, and no regions.
      forcePathStyle: hasEndpoint,
      ...(hasEndpoint && region === undefined ? { region: 'us-east-1' } : {}),
    });
    return new S3Store(sdk, client, bucket);
  }

  addressOf(key: string): string {
    return `s3://${this.#bucket}/${key}`;
  }

  async list(prefix: string): Promise<StoredObject[]> {
    const found: StoredObject[] = [];
    const pages = new ListingPages(this.addressOf(prefix));
    let token: string | undefined;
    do {
      const command = new this.#sdk.ListObjectsV2Command({
        Bucket: this.#bucket,
        Prefix: prefix,
        ContinuationToken: token,
      });
      const page = await this.#told(this.addressOf(prefix), this.#client.send(command));
      for (const { Key: key, Size: size = 0, ETag: etag = '' } of page.Contents ?? []) {
        if (key === undefined) continue;
        checkListed(prefix, key, size, this.addressOf(key));
        found.push(this.#object(key, size, etag));
      }
      token = page.NextContinuationToken;
      if (token !== undefined) pages.follow(token);
    } while (token !== undefined);
    return found;
  }

  async find(key: string): Promise<StoredObject | null> {
    const command = new this.#sdk.HeadObjectCommand({ Bucket: this.#bucket, Key: key });
    let head: { readonly ContentLength?: number | undefined; readonly ETag?: string | undefined };
    try {
      head = await this.#client.send(command);
    } catch (error) {
      if (statusOf(error) === 404 && (error as Error).name !== 'NoSuchBucket') return null;
      throw s3Fault(this.addressOf(key), error);
    }
    const { ContentLength: size = 0, ETag: etag = '' } = head;
    checkListed(key, key, size, this.addressOf(key));
    return this.#object(key, size, etag);
  }

  async open({ key, address, sizeBytes, etag }: StoredObject): Promise<RangedBytes> {
    const fetch = async (offset: number, length: number) => {
      const command = new this.#sdk.GetObjectCommand({
        Bucket: this.#bucket,
        Key: key,
        Range: `bytes=${offset}-${offset + length - 1}`,
        IfMatch: etag,
      });
      for (let attempt = 1; ; attempt++) {
        const { Body: body } = await this.#told(address, this.#client.send(command));
        try {
          return await readBody(body as Readable, length, address);
        } catch (error) {
          if (error instanceof StoreError) throw error;
          if (attempt === mostBodies) throw s3Fault(address, error, attempt);
        }
      }
    };
    return new RangedBytes(address, sizeBytes, fetch, async () => {});
  }

  async putIfAbsent(key: string, path: string): Promise<boolean> {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      const part = async (offset: number) => {
        const bytes = Buffer.alloc(Math.min(partBytes, size - offset));
        await file.read(bytes, 0, bytes.length, offset);
        return bytes;
      };
      if (size <= partBytes) await this.#putWhole(key, await part(0));
      else await this.#putParts(key, size, part);
      return true;
    } catch (error) {
      // Also where an attempt before was done and its answer lost: what is there is the same.
      if (statusOf(error) === 412) return false;
      throw s3Fault(this.addressOf(key), error);
    } finally {
      await file.close();
    }
  }

  async #putWhole(key: string, body: Uint8Array): Promise<void> {
    await this.#client.send(
      new this.#sdk.PutObjectCommand({ Bucket: this.#bucket, Key: key, Body: body, IfNoneMatch: '*' }),
    );
  }

  async #putParts(key: string, size: number, part: (offset: number) => Promise<Uint8Array>): Promise<void> {
    const { CreateMultipartUploadCommand, UploadPartCommand, CompleteMultipartUploadCommand } = this.#sdk;
    const place = { Bucket: this.#bucket, Key: key };
    const { UploadId } = await this.#client.send(new CreateMultipartUploadCommand(place));
    const upload = { ...place, UploadId };
    try {
      const parts: { PartNumber: number; ETag: string | undefined }[] = [];
      for (let offset = 0; offset < size; offset += partBytes) {
        const PartNumber = parts.length + 1;
        const command = new UploadPartCommand({ ...upload, PartNumber, Body: await part(offset) });
        const { ETag } = await this.#client.send(command);
        parts.push({ PartNumber, ETag });
      }
      const whole = { ...upload, MultipartUpload: { Parts: parts }, IfNoneMatch: '*' };
      await this.#client.send(new CompleteMultipartUploadCommand(whole));
    } catch (error) {
      // Parts that nobody ends cost money until a rule of the bucket removes them.
      await this.#client.send(new this.#sdk.AbortMultipartUploadCommand(upload)).catch(() => undefined);
      throw error;
    }
  }

  #object(key: string, size: number, etag: string): StoredObject {
    return { key, address: this.addressOf(key), sizeBytes: BigInt(size), etag };
  }

  async #told<Answer>(address: string, answer: Promise<Answer>): Promise<Answer> {
    try {
      return await answer;
    } catch (error) {
      throw s3Fault(address, error);
    }
  }
}
