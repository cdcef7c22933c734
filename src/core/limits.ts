/**
 * The most that is taken of anything from outside: from the network, from files, from other programs. What is more is refused
 * with both numbers, before memory for it is asked for.
 *
 * docs/security.md has the reason of each beside its number; a test holds both together, and the numbers of native code.
 */
export const limits = {
  /** Pixels along a side of rows of pixels and NV12, and of files of pictures, which become rows. */
  sidePx: 32_768,
  /** Bytes from one row of NV12 to the next, as a message tells them. */
  nv12StepBytes: 32_768,
  /** Pixels along a side of a compressed picture in a message. */
  compressedSidePx: 65_534,
  /** Pixels of a compressed picture, of a picture of a video too. */
  compressedPixels: 2 ** 26,
  /** Scans of a JPEG. */
  jpegScans: 100,
  /** How many times smaller than a picture its model input may be, along either axis. */
  reduction: 128,
  /** Pixels along the longer side of an overlay; it is drawn smaller where `overlay.scale` asks for more. */
  overlaySidePx: 4096,
  /** Pixels along a side of a depth picture. */
  depthSidePx: 4096,
  /** Bytes of the texts in a camera's message: `frame_id`, `encoding`, `format`. */
  messageTextBytes: 4096,
  /** Bytes of a text file: logs, annotations, manifests, parameters. */
  textFileBytes: 256 * 2 ** 20,
  /** Bytes of a profile of Fast DDS. */
  profileBytes: 2 ** 20,
  /** Characters of a file of YAML. */
  yamlCharacters: 16 * 2 ** 20,
  /** Entries of a map in YAML, of a list in brackets too: as many as there may be classes. */
  yamlKeys: 65_536,
  /** How deep YAML may be nested. */
  documentDepth: 100,
  /** Cameras of one node. */
  cameras: 8,
  /** Classes of a model. */
  classes: 65_535,
  /** Characters of the name of a class. */
  classNameCharacters: 1024,
  /** Outputs of a model. */
  modelOutputs: 1024,
  /** Bytes of one frame of recorded outputs. */
  recordedFrameBytes: 512 * 2 ** 20,
  /** Corners of the outlines of one object in a file of annotations. */
  outlineCorners: 100_000,
  /** Length of these outlines, along the longer axis of each edge, in pixels. */
  outlinePx: 2 ** 20,
  /** Bytes of an ONNX file. */
  onnxBytes: 2 ** 31 - 1,
  /** Bytes of a part of a recording that are in memory at once: a chunk, before and after it is decompressed, or a message. */
  recordingPartBytes: 256 * 2 ** 20,
  /** Messages of pictures in a chunk of a recording. */
  chunkMessages: 100_000,
  /** Topics of a recording, as many as numbers of channels in MCAP tell apart. */
  recordingTopics: 65_535,
  /** Topics of a file of MCAP that is written: its channels have numbers of 16 bits. */
  mcapTopics: 2 ** 16,
  /** Bytes of the names, types and definitions of a recording's topics together. */
  recordingTextBytes: 16 * 2 ** 20,
  /** Pages of a store's listing, of 1000 objects each with S3. */
  storePages: 20_000,
  /** Bytes of the pictures that a command has in memory at once; it is passed by one picture at most. */
  picturesBytes: 512 * 2 ** 20,
  /** Bytes of a file of pictures that is decoded. */
  pictureFileBytes: 256 * 2 ** 20,
  /** Bytes of a request to a service of the node. */
  requestBytes: 2 ** 20,
  /** Values of a request to a service of the node: fields that are no lists, and items of lists. A parameter has six and its items. */
  requestValues: 10_000,
  /** Names that one request may ask for. */
  requestNames: 1000,
  /** Characters of an error's message; the middle of a longer one is left out. */
  messageCharacters: 4000,
} as const;
