import { readFileSync } from 'node:fs';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { startS3Server } from '../../scripts/fleet/s3Server.mjs';

/** The bucket `fleet` of a server of its own. */
export interface Bucket {
  readonly client: S3Client;
  /** Port of the server. */
  readonly port: number;
  /** For workers: where the server is, and credentials that it takes. */
  readonly env: NodeJS.ProcessEnv;
  put(key: string, path: string): Promise<unknown>;
  /** The bytes of what is below a prefix, by the rest of its key. */
  bytesBelow(prefix: string): Promise<Map<string, Buffer>>;
  stop(): void;
}

const Bucket = 'fleet';

/** Starts moto's server with an empty bucket. */
export async function startBucket(): Promise<Bucket> {
  const server = await startS3Server();
  const client = new S3Client({
    endpoint: server.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  await client.send(new CreateBucketCommand({ Bucket }));
  return {
    client,
    port: server.port,
    env: {
      ...process.env,
      AWS_ENDPOINT_URL: server.endpoint,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    put: (Key, path) => client.send(new PutObjectCommand({ Bucket, Key, Body: readFileSync(path) })),
    bytesBelow: async (prefix) => {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: prefix }));
      const found = new Map<string, Buffer>();
      for (const { Key } of Contents) {
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
        found.set(Key!.slice(prefix.length), Buffer.from(await Body!.transformToByteArray()));
      }
      return found;
    },
    stop: () => {
      client.destroy();
      server.stop();
    },
  };
}
