import { openSession } from '../backends/registry.js';
import { toPostprocessOptions, toSessionOptions } from '../config/options.js';
import type { ParameterStore } from '../config/store.js';
import { ConfigError, StoreError } from '../core/errors.js';
import type { SizePx } from '../core/geometry.js';
import { counted, shown } from '../core/words.js';
import { interruptible } from '../files/interruption.js';
import {
  type BatchForm,
  batchForms,
  type BatchSummary,
  refuseForm,
  segmentBatch,
} from '../offline/batch/batch.js';
import { type BatchInput, listBatch, refuseResultsAmongInputs } from '../offline/batch/batchInputs.js';
import { modelHash } from '../offline/batch/resultKey.js';
import { isInShard, parseShard, type Shard, shardOfEngine } from '../offline/batch/shard.js';
import { refuseToFollow } from '../offline/followed.js';
import type { ExpandedPaths } from '../offline/patterns.js';
import { type ResultForm, trackFormOf } from '../offline/segment.js';
import { isStoreAddress, Stores } from '../offline/store/openStore.js';
import { packageVersion } from './version.js';

/** Flags that a batch takes. */
export interface BatchFlags {
  readonly model: string;
  readonly backend: string;
  readonly out: string;
  /** Undefined where nobody chose. */
  readonly forms?: readonly ResultForm[];
  readonly topic?: readonly string[];
  readonly track?: boolean;
  readonly shard?: string;
  readonly shards?: number;
}

/** True where a run is a worker's of a fleet: with addresses of stores, or one of several. */
export function isBatch(inputs: readonly string[], { out, shard, shards }: BatchFlags): boolean {
  return shard !== undefined || shards !== undefined || [...inputs, out].some(isStoreAddress);
}

function formOf({ forms = ['jsonl'] }: BatchFlags): BatchForm {
  const form = batchForms.find((known) => known === forms[0]);
  if (form !== undefined && forms.length === 1) return form;
  const what = `--forms ${forms.join(',')}: in stores and shards an input has one result; expected ${batchForms.join(' or ')}`;
  throw new ConfigError('arguments', what, { forms });
}

function shardOf({ shard, shards }: BatchFlags): Shard | null {
  if (shard === undefined) return shardOfEngine(process.env, shards ?? null);
  if (shards === undefined) return parseShard(shard);
  throw new ConfigError('arguments', 'give either --shard INDEX/COUNT or --shards COUNT', {});
}

function describe({ done, skipped, bad, failed }: BatchSummary): string {
  return `${counted(done, 'input')} done, ${skipped} skipped, ${bad} bad, ${failed} failed`;
}

function refuseBatchTracks(
  { track = false, forms = [], topic }: BatchFlags,
  inputs: readonly BatchInput[],
): void {
  if (track) refuseToFollow(inputs.map(({ address, kind }) => ({ path: address, kind })));
  const form = trackFormOf(forms, track);
  if (form === null) return;
  if (topic?.length === 1) return;
  const what = `--forms ${form} has a file for one camera, and the topics of inputs in stores are not known yet: choose one with --topic`;
  throw new ConfigError('arguments', what, {});
}

/** Segments what stores hold; see docs/fleet.md. @param store Of a run that outlines are made for. */
export async function runBatch(
  { paths, roots }: ExpandedPaths,
  flags: BatchFlags,
  store: ParameterStore,
  published: ParameterStore,
  nv12Size: SizePx | null,
): Promise<void> {
  const { model, backend, out, topic: topics = null } = flags;
  const [form, shard, stores] = [formOf(flags), shardOf(flags), new Stores()];
  const place = await stores.output(out);
  const { inputs: all, remarks } = await listBatch(paths, stores, nv12Size);
  refuseForm(form, all);
  refuseBatchTracks(flags, all);
  if (form === 'mcap' || form === 'overlay') await refuseResultsAmongInputs(roots, stores, place, form);
  for (const remark of remarks) console.error(shown(remark));
  const own = shard === null ? all : all.filter(({ address }) => isInShard(address, shard));
  const ofModel = await modelHash(model);
  const summary = await interruptible(async (signal) => {
    const session = await openSession(backend, toSessionOptions(store.values, model, 'rate'));
    const { backend: name, classNames } = session.model;
    try {
      return await segmentBatch({
        session,
        inputs: own,
        out: place,
        form,
        values: published.values,
        postprocess: toPostprocessOptions(store.values, classNames),
        making: {
          version: packageVersion(),
          model: ofModel,
          backend: name,
          classNames,
          topics,
          nv12Size,
          options: { ...published.values },
        },
        signal,
        onLine: (line) => console.log(JSON.stringify(line)),
      });
    } finally {
      await session.close();
    }
  });
  const told = describe(summary);
  console.error(told);
  if (summary.failed > 0)
    throw new StoreError(`${told}: run again for those that failed`, true, { ...summary });
  if (summary.bad > 0 || summary.withLost > 0) {
    const what = `${told}; ${summary.withLost} of those done lack frames: what is wrong stands in their lines`;
    throw new ConfigError('source', what, { ...summary });
  }
}
