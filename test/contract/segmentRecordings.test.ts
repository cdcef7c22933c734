import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  bagTool,
  listMessages,
  pictureMessages,
  segment as segmentIn,
  type WrittenMessage,
} from './recordedMessages.js';

const scratch = mkdtempSync(join(tmpdir(), 'segment-recordings-'));
const at = (...path: string[]) => join(scratch, ...path);
const segment = (...args: string[]) => segmentIn(scratch, ...args);
const topicNames: Record<string, string> = {
  '/front/image/compressed': 'front_image_compressed',
  '/back/image': 'back_image',
  '/hbmem_img': 'hbmem_img',
};

let messages: WrittenMessage[];

interface FrameFile {
  readonly input: string;
  readonly topic: string;
  readonly stamp: string;
  readonly log_time: string;
  readonly frame_id: string;
  readonly width: number;
  readonly height: number;
  readonly instances: readonly object[];
}

const readJson = (...path: string[]) => JSON.parse(readFileSync(at(...path), 'utf8')) as FrameFile;
const seconds = (ns: string) => `${ns.slice(0, -9)}.${ns.slice(-9)}`;

/** What is to be found in the messages: what is found in the files of the same pixels. */
function expectFrames(out: string, bag: string, listed = listMessages(at(bag))): void {
  const counts = new Map<string, number>();
  const pictures = listed.filter(({ topic }) => topic in topicNames);
  const stem = bag.replace(/\.(mcap|db3)$/, '').replace(/^.*\//, '');
  const names: string[] = [];
  for (const { topic, logTime, stamp } of pictures) {
    const number = counts.get(topic) ?? 0;
    counts.set(topic, number + 1);
    const name = `${stem}_${topicNames[topic]}_00000${number}.json`;
    names.push(name);
    const frame = readJson(out, 'json', name);
    const reference = readJson('files', 'json', `${topicNames[topic]}_${number}.json`);
    expect(reference.instances.length).toBeGreaterThan(0);
    expect(frame).toMatchObject({
      topic,
      log_time: seconds(logTime),
      stamp: seconds(stamp!),
      width: 640,
      height: 360,
      instances: reference.instances,
    });
    const frameIds: Record<string, string> = {
      '/front/image/compressed': 'front_optical',
      '/back/image': 'back_optical',
    };
    expect(frame.frame_id).toBe(frameIds[topic] ?? 'camera');
  }
  expect(names.length).toBeGreaterThan(0);
  expect(readdirSync(at(out, 'json')).toSorted()).toEqual(names.toSorted());
}

beforeAll(async () => {
  messages = await pictureMessages(scratch);
  mkdirSync(at('same'));
  for (const number of [0, 1, 2]) {
    copyFileSync(at(`${number}.jpg`), at('same', `front_image_compressed_${number}.jpg`));
    copyFileSync(at(`${number}.png`), at('same', `back_image_${number}.png`));
    copyFileSync(at(`${number}.nv12`), at('same', `hbmem_img_${number}.nv12`));
  }
  const nv12 = [0, 1, 2].map((number) => join('same', `hbmem_img_${number}.nv12`));
  const size = ['--width', '640', '--height', '360'];
  expect(segment('same', ...nv12, ...size, '-o', 'files', '--forms', 'json')).toMatchObject({ status: 0 });
}, 120_000);

afterAll(() => rmSync(scratch, { recursive: true }));

describe('recordings of every storage hold what files of the same pixels hold', () => {
  it.each([
    ['sqlite3', 'none'],
    ['sqlite3', 'zstd-message'],
    ['mcap', 'none'],
    ['mcap', 'zstd-message'],
  ])('rosbag2 in %s, compression %s', (storage, compression) => {
    const bag = `bag-${storage}-${compression}`;
    bagTool(['bag', at(bag), storage, compression], messages);
    expect(segment(bag, '-o', `${bag}-out`, '--forms', 'json')).toMatchObject({ status: 0 });
    expectFrames(`${bag}-out`, bag);
  });

  it.each([
    ['lz4', []],
    ['zstd', []],
    ['none', []],
    ['none', ['unchunked']],
    ['zstd', ['chunk=1000']],
  ])('MCAP, compression %s %j', (compression, options) => {
    const bag = `plain-${compression}-${options.join('')}.mcap`.replaceAll('=', '');
    bagTool(['mcap', at(bag), compression, ...options], messages);
    const ended = segment(bag, '-o', `${bag}-out`, '--forms', 'json');
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    expectFrames(`${bag}-out`, bag);
  });

  it('a file of rosbag2 without its folder', () => {
    bagTool(['bag', at('alone'), 'sqlite3', 'none'], messages);
    const [file] = readdirSync(at('alone')).filter((name) => name.endsWith('.db3'));
    copyFileSync(at('alone', file!), at('bare.db3'));
    expect(segment('bare.db3', '-o', 'bare-out', '--forms', 'json')).toMatchObject({ status: 0 });
    expectFrames('bare-out', 'bare.db3', listMessages(at('alone')));
    // By a path that begins with a dot.
    const path = join('..', basename(scratch), 'bare.db3');
    expect(segment(path, '-o', 'above-out', '--forms', 'json')).toMatchObject({ status: 0 });
    expectFrames('above-out', 'bare.db3', listMessages(at('alone')));
  });

  it('one of several files, whose numbers go on', () => {
    mkdirSync(at('split'));
    for (const [index, part] of [messages.slice(0, 5), messages.slice(5)].entries())
      bagTool(['mcap', at('split', `split_${index}.mcap`), 'lz4'], part);
    const files = ['split_0.mcap', 'split_1.mcap'];
    writeFileSync(
      at('split', 'metadata.yaml'),
      `rosbag2_bagfile_information:\n  version: 9\n  storage_identifier: mcap\n  relative_file_paths: [${files.join(', ')}]\n`,
    );
    expect(segment('split', '-o', 'split-out', '--forms', 'json')).toMatchObject({ status: 0 });
    expectFrames(
      'split-out',
      'split',
      files.flatMap((file) => listMessages(at('split', file))),
    );
  });
});

const data = process.env.RDK_YOLO_SEG_DATA;

describe.runIf(data !== undefined)('recordings of others', () => {
  it('with pictures are segmented, each message once', () => {
    const bag = join(data!, 'bags', 'camera_mcap');
    expect(segment(bag, '-o', 'camera', '--forms', 'json')).toMatchObject({ status: 0 });
    const found = readdirSync(at('camera', 'json')).map((name) => readJson('camera', 'json', name));
    expect(found.map(({ topic, log_time }) => `${log_time} ${topic}`).toSorted()).toEqual(
      listMessages(bag).map(({ topic, logTime }) => `${seconds(logTime)} ${topic}`),
    );
  });

  it.each(['wbag', 'cdr_test'])('without pictures are refused with their topics (%s)', (name) => {
    const bag = join(data!, 'bags', 'rosbag2_upstream', name);
    const { status, stderr } = segment(bag, '-o', 'refused', '--forms', 'json');
    expect(status).toBe(2);
    expect(stderr).toMatch(/has no topic of pictures .* it has \/?\w+ \(\w+\/msg\/\w+\)/);
  });
});

it('a folder of folders of rosbag2 is refused with what to give', () => {
  for (const name of ['b', 'a', 'other']) mkdirSync(at('bags', name), { recursive: true });
  for (const name of ['a', 'b']) writeFileSync(at('bags', name, 'metadata.yaml'), '');
  const { status, stderr } = segment('bags', '-o', 'bags-out');
  expect(status).toBe(2);
  expect(stderr).toContain('bags is no recording but holds 2: give bags/a bags/b');
});

describe('a recording that is not whole', () => {
  const bag = (name: string, args: readonly string[] = ['zstd', 'chunk=1000'], of = messages) => {
    bagTool(['mcap', at(name), ...args], of);
    return readFileSync(at(name));
  };
  const forms = ['--forms', 'json'];
  const written = (out: string) => readdirSync(at(out, 'json'));

  it('cut off without an index, is read as far as it is whole, and told', () => {
    const whole = bag('killed.mcap', ['lz4', 'chunk=1000']);
    // Each picture ends a chunk: behind the eighth of nine, in the middle of the last.
    const cut = whole.subarray(0, chunkEnds(whole)[7]! + 50);
    writeFileSync(at('killed.mcap'), cut);
    const { status, stderr } = segment('killed.mcap', '-o', 'killed-out', ...forms);
    expect(status).toBe(2);
    expect(stderr).toMatch(/killed\.mcap is read from its start: its index cannot be read/);
    expect(stderr).toContain(`killed.mcap: it is cut off at byte ${cut.length}: 8 messages before are whole`);
    expect(stderr).toContain('1 of 9 pictures could not be segmented');
    expect(written('killed-out')).toHaveLength(8);
  });

  it('cut off before its first message, gives nothing and is told as what was given', () => {
    writeFileSync(at('early.mcap'), bag('early.mcap', ['none']).subarray(0, 300));
    const { status, stderr } = segment('early.mcap', '-o', 'early-out', ...forms);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^rdk-yolo-seg: source: nothing of early\.mcap could be segmented$/m);
    expect(existsSync(at('early-out'))).toBe(false);
  });

  it('closed without an index, is read from its start and is no fault', () => {
    bag('noindex.mcap', ['zstd', 'unindexed']);
    const { status, stderr } = segment('noindex.mcap', '-o', 'noindex-out', ...forms);
    expect({ status, stderr }).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/is read from its start/),
    });
    expectFrames('noindex-out', 'noindex.mcap', listMessages(at('plain-zstd-.mcap')));
  });

  it('with a chunk that says it has 8 GB, or that is damaged, loses that chunk alone', () => {
    const huge = bag('huge.mcap');
    const starts = chunkStarts(huge);
    // Its uncompressed size follows opcode, length, and two times.
    huge.writeBigUInt64LE(8_000_000_000n, starts[0]! + 9 + 16);
    // A byte of compressed data.
    huge[starts[5]! + 100]! ^= 0xff;
    writeFileSync(at('huge.mcap'), huge);
    const { status, stderr } = segment('huge.mcap', '-o', 'huge-out', ...forms);
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /the chunk at byte \d+ cannot be read: .* says it has 8000000000 bytes; at most 256 MiB/,
    );
    expect(stderr).toMatch(/2 of 9 pictures could not be segmented/);
    expect(written('huge-out')).toHaveLength(7);
  });

  it('with messages that are not what their types say, loses these alone', () => {
    const [image] = messages.filter(({ type }) => type === 'sensor_msgs/msg/Image') as [WrittenMessage];
    const { file: _, ...fields } = image;
    const broken: WrittenMessage[] = [
      image,
      // Claims more data than there is, in a chunk that has more behind it.
      { ...fields, raw: truncated(), logTime: String(BigInt(image.logTime) + 1n) },
      { ...image, step: 7, logTime: String(BigInt(image.logTime) + 2n) },
      { ...image, encoding: '16UC1', logTime: String(BigInt(image.logTime) + 3n) },
      { ...image, logTime: String(BigInt(image.logTime) + 4n) },
    ];
    bag('broken.mcap', ['none'], broken);
    const { status, stderr } = segment('broken.mcap', '-o', 'broken-out', ...forms);
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /serialized_form: sensor_msgs\/msg\/Image: the message has \d+ bytes; up to the end of data/,
    );
    expect(stderr).toMatch(/step: step is 7 bytes; expected 0 or 1920/);
    expect(stderr).toMatch(/encoding: encoding is "16UC1"/);
    // Each by its topic and the time that it was logged at, by which other tools find it.
    const placeOf = (more: bigint) => {
      const digits = String(BigInt(image.logTime) + more);
      return `broken.mcap, /back/image at ${digits.slice(0, -9)}.${digits.slice(-9)}: `;
    };
    expect(stderr.match(/^broken\.mcap, .*?: /gm)).toEqual([1n, 2n, 3n].map(placeOf));
    expect(written('broken-out').toSorted()).toEqual([
      'broken_back_image_000000.json',
      'broken_back_image_000004.json',
    ]);
  });

  it.each([
    ['a chunk', 'chunk=9000000'],
    ['its index', 'chunk=1000'],
  ])('whose clock went back is read whole, in the order of %s', (_, chunk) => {
    const name = chunk.replace('=', '');
    const [first, ...others] = messages.filter(({ topic }) => topic === '/back/image') as [WrittenMessage];
    const turned = [...others.reverse(), { ...first, logTime: '5000000000' }] as WrittenMessage[];
    bag(`${name}.mcap`, ['zstd', chunk], turned);
    expect(segment(`${name}.mcap`, '-o', name, ...forms)).toMatchObject({ status: 0, stderr: '' });
    const times = [0, 1, 2].map(
      (number) => readJson(name, 'json', `${name}_back_image_00000${number}.json`).log_time,
    );
    expect(times).toEqual(listMessages(at(`${name}.mcap`)).map(({ logTime }) => seconds(logTime)));
  });

  it('with clocks that were wrong loses nothing, and tells the times as they are', () => {
    // The first and the last that MCAP and builtin_interfaces/Time can say, and some that run backwards.
    const clocks = [
      ['0', '-2147483648000000000'],
      ['18446744073709551615', '2147483647999999999'],
      ['7', '-5000000000'],
      ['3', '0'],
    ] as const;
    const wrong = messages
      .filter(({ topic }) => topic === '/back/image' || topic === '/front/image/compressed')
      .slice(0, clocks.length)
      .map((message, index) => ({ ...message, logTime: clocks[index]![0], stamp: clocks[index]![1] }));
    bagTool(['mcap', at('clocks.mcap'), 'none', 'chunk=1000'], wrong);
    const ended = segment('clocks.mcap', '-o', 'clocks-out', '--forms', 'jsonl');
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    const lines = readFileSync(at('clocks-out', 'jsonl', 'clocks.jsonl'), 'utf8')
      .trim()
      .split('\n');
    const found = lines.map((line) => JSON.parse(line) as FrameFile);
    const inNs = (text: string) => String(BigInt(text.replace('.', '')));
    expect(found.map(({ log_time: time, stamp }) => [inNs(time), inNs(stamp)])).toEqual(
      [0, 3, 2, 1].map((index) => clocks[index]!),
    );
  });

  it('of SQLite with a log beside it that was not taken in is refused with the remedy', () => {
    writeFileSync(at('open.db3'), readFileSync(at('bare.db3')));
    writeFileSync(at('open.db3-wal'), 'x');
    const { status, stderr } = segment('open.db3', '-o', 'refused', ...forms);
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /open\.db3 was not closed: open\.db3-wal holds a part of it; sqlite3 open\.db3 \.tables/,
    );
  });

  it('of SQLite in WAL mode that was closed is read, and nothing is written beside it', () => {
    mkdirSync(at('wal'));
    copyFileSync(at('bare.db3'), at('wal', 'wal.db3'));
    const file = readFileSync(at('wal', 'wal.db3'));
    // File format versions, by https://www.sqlite.org/fileformat.html#file_format_version_numbers
    file[18] = file[19] = 2;
    writeFileSync(at('wal', 'wal.db3'), file);
    expect(segment('wal/wal.db3', '-o', 'wal-out', ...forms)).toMatchObject({ status: 0 });
    expect(written('wal-out')).toHaveLength(9);
    expect(readdirSync(at('wal'))).toEqual(['wal.db3']);
  });
});

describe('what is given', () => {
  it('beside recordings of which nothing can be read is segmented', () => {
    mkdirSync(at('mixed'));
    copyFileSync(at('plain-zstd-.mcap'), at('mixed', 'good.mcap'));
    writeFileSync(at('mixed', 'text.mcap'), 'this is no recording of anything');
    bagTool(
      ['mcap', at('mixed', 'ticks.mcap'), 'none'],
      messages.filter(({ topic }) => topic === '/ticks'),
    );
    copyFileSync(at('0.jpg'), at('mixed', 'picture.jpg'));
    const { status, stdout, stderr } = segment('mixed', '-o', 'mixed-out', '--forms', 'json,mcap');
    expect(status).toBe(2);
    expect(stdout).toContain('10 pictures with');
    expect(stderr).toMatch(/mixed\/text\.mcap is no MCAP file/);
    expect(stderr).toMatch(/mixed\/ticks\.mcap has no topic of pictures/);
    expect(stderr).toContain('2 of 12 pictures could not be segmented');
    expect(readdirSync(at('mixed-out', 'mcap')).toSorted()).toEqual(['good.mcap', 'pictures.mcap']);
  });

  it('is refused where a folder has the name of its result, and nothing is left beside that', () => {
    mkdirSync(at('taken-out', 'mcap', 'pictures.mcap'), { recursive: true });
    const { status, stderr } = segment('0.jpg', '-o', 'taken-out', '--forms', 'mcap');
    expect(status).toBe(2);
    expect(stderr).toBe(
      'rdk-yolo-seg: output: cannot write taken-out/mcap/pictures.mcap: it is a folder; expected a file\n',
    );
    expect(readdirSync(at('taken-out', 'mcap'))).toEqual(['pictures.mcap']);
  });

  it('as --topic alone is taken', () => {
    const args = ['--topic', '/back/image', '--topic', '/hbmem_img', '--forms', 'json'];
    expect(segment('plain-zstd-.mcap', ...args, '-o', 'topics')).toMatchObject({ status: 0 });
    const found = readdirSync(at('topics', 'json'));
    expect(found).toHaveLength(6);
    expect(found.filter((name) => name.includes('front'))).toEqual([]);
  });

  beforeAll(() => {
    const [image] = messages.filter(({ type }) => type === 'sensor_msgs/msg/Image') as [WrittenMessage];
    const raw = truncated();
    bagTool(
      ['mcap', at('ticks.mcap'), 'none'],
      messages.filter(({ topic }) => topic === '/ticks'),
    );
    bagTool(['mcap', at('no-index.mcap'), 'none', 'unindexed'], [image]);
    bagTool(['mcap', at('schemaless.mcap'), 'none'], [{ ...image, type: '', raw }]);
    bagTool(['mcap', at('ros1.mcap'), 'none'], [{ ...image, messageEncoding: 'ros1' }]);
    bagTool(['bag', at('zstd-file'), 'sqlite3', 'zstd-file'], messages);
    writeFileSync(at('empty.mcap'), '');
    writeFileSync(at('whole.mcap.zstd'), 'x');
    for (const name of ['text.mcap', 'text.db3']) writeFileSync(at(name), 'this is no recording of anything');
    mkdirSync(at('nothing'));
    writeFileSync(at('nothing', 'metadata.yaml'), 'rosbag2: 1\n');
    mkdirSync(at('gone'));
    const files = 'rosbag2_bagfile_information: {relative_file_paths: [gone_0.mcap]}\n';
    writeFileSync(at('gone', 'metadata.yaml'), files);
  }, 60_000);

  it.each([
    [
      'a topic that is not there',
      ['plain-zstd-.mcap', '--topic', '/back/imag'],
      /has no topic \/back\/imag; did you mean \/back\/image\?/,
    ],
    [
      'a topic without pictures',
      ['plain-zstd-.mcap', '--topic', '/ticks'],
      /topic \/ticks \(std_msgs\/msg\/Header\) of plain-zstd-.mcap holds no pictures/,
    ],
    [
      'a recording without pictures',
      ['ticks.mcap'],
      /ticks.mcap has no topic of pictures .*it has \/ticks \(std_msgs\/msg\/Header\)/,
    ],
    ['pictures without a schema', ['schemaless.mcap'], /it has \/back\/image \(no schema\)/],
    ['pictures of ROS 1', ['ros1.mcap'], /it has \/back\/image \(sensor_msgs\/msg\/Image, encoding ros1\)/],
    ['a recording that is empty', ['empty.mcap'], /empty.mcap is empty/],
    ['text that is called a recording', ['text.mcap'], /text.mcap is no MCAP file/],
    ['text that is called a file of SQLite', ['text.db3'], /text.db3 is no file of SQLite/],
    ['a compressed file', ['whole.mcap.zstd'], /decompress it first \(zstd -d whole.mcap.zstd\)/],
    [
      'a folder whose metadata says nothing',
      ['nothing'],
      /metadata.yaml is not what rosbag2 writes: rosbag2_bagfile_information: /,
    ],
    ['a folder whose files are gone', ['gone'], /gone_0.mcap does not exist/],
    [
      'labels beside pictures that are none',
      ['plain-zstd-.mcap', '--forms', 'labelme'],
      /--forms labelme names files of pictures/,
    ],
    [
      'a file of tracks of three cameras',
      ['plain-zstd-.mcap', '--track', '--forms', 'mot'],
      /plain-zstd-.mcap has 3 topics of pictures: choose one with --topic: \/back\/image, \/front\/image\/compressed, \/hbmem_img$/m,
    ],
    [
      'a file of tracks of cameras that nobody knows yet',
      ['no-index.mcap', '--track', '--forms', 'mot'],
      /the topics of no-index.mcap are not known before it is read: name one with --topic/,
    ],
    ['a topic of pictures', ['0.jpg', '--topic', '/image'], /--topic chooses from recordings/],
    ['a recording twice', ['plain-zstd-.mcap', 'plain-zstd-.mcap'], /is given twice/],
  ])('%s is refused before anything is written', (_, args, why) => {
    const { status, stdout, stderr } = segment(...args, '-o', 'refused');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(why);
    expect(existsSync(at('refused'))).toBe(false);
  });
});

/** An Image of which the header and nothing of its data is there, in base64. */
function truncated(): string {
  const [image] = messages.filter(({ type }) => type === 'sensor_msgs/msg/Image') as [WrittenMessage];
  const text = (value: string) => {
    const bytes = Buffer.alloc(4 + value.length + 1);
    bytes.writeUInt32LE(value.length + 1);
    bytes.write(value, 4);
    return bytes;
  };
  const numbers = (...values: number[]) => Buffer.from(new Uint32Array(values).buffer);
  const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
  return Buffer.concat([
    Buffer.from([0, 1, 0, 0]),
    numbers(1, 2),
    padded(text('frame')),
    numbers(image.height!, image.width!),
    padded(Buffer.concat([text('rgb8'), Buffer.from([0])])),
    numbers(1920, 1920 * 360),
    Buffer.alloc(100),
  ]).toString('base64');
}

/** Where the chunks of an MCAP file begin: records of opcode 6, each with its length behind. */
function chunkStarts(file: Buffer): number[] {
  return records(file)
    .filter(({ opcode }) => opcode === 6)
    .map(({ start }) => start);
}

function chunkEnds(file: Buffer): number[] {
  return records(file)
    .filter(({ opcode }) => opcode === 6)
    .map(({ end }) => end);
}

function records(file: Buffer): { readonly opcode: number; readonly start: number; readonly end: number }[] {
  const found = [];
  for (let start = 8; start < file.length - 8; ) {
    const end = start + 9 + Number(file.readBigUInt64LE(start + 1));
    found.push({ opcode: file[start]!, start, end });
    start = end;
  }
  return found;
}
