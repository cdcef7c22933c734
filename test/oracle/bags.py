"""Writes and reads recordings by other people's code: rosbags, mcap and mcap-ros2-support.

Usage:
  bags.py bag FOLDER sqlite3|mcap none|zstd-message|zstd-file   < messages.json   a folder of rosbag2
  bags.py mcap FILE none|lz4|zstd [unchunked] [unindexed] [nocrc] [chunk=BYTES]  < messages.json
  bags.py list PATH       topics, log times, stamps and hashes, by rosbags, one JSON
  bags.py decode FILE     what mcap-ros2-support decodes of an MCAP file, one JSON
  bags.py judge           for each path of stdin, one on a line, a line of JSON: the messages that rosbags reads of it, or
                          null where it refuses

A message: {topic, type, logTime, stamp, frameId, file, encoding, width, height, step, raw}. `file` has the data; `raw`, in
place of all but topic and type, is the serialised message in base64.
"""

import base64
import hashlib
import json
import sys
from pathlib import Path

import numpy as np
from mcap.reader import make_reader
from mcap.writer import CompressionType, IndexType
from mcap.writer import Writer as McapWriter
from mcap_ros2.decoder import DecoderFactory
from rosbags.highlevel import AnyReader
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer
from rosbags.typesys import Stores, get_types_from_msg, get_typestore

store = get_typestore(Stores.ROS2_JAZZY)
definitions = Path(__file__).parents[2] / "ros"
for package in [definitions / "compat", definitions]:
    for path in sorted(package.glob("*/msg/*.msg")):
        name = f"{path.parts[-3]}/msg/{path.stem}"
        if name not in store.types:
            store.register(get_types_from_msg(path.read_text(), name))


def time_of(nanoseconds):
    seconds, rest = divmod(int(nanoseconds), 1_000_000_000)
    return store.types["builtin_interfaces/msg/Time"](sec=seconds, nanosec=rest)


def serialised(message):
    if "raw" in message:
        return base64.b64decode(message["raw"])
    kind = store.types[message["type"]]
    data = np.fromfile(message["file"], np.uint8) if "file" in message else np.zeros(0, np.uint8)
    stamp = time_of(message["stamp"])
    if message["type"].startswith("hbm_img_msgs/"):
        capacity = {"HbmMsg480P": 921600, "HbmMsg540P": 1555200, "HbmMsg1080P": 6220800}[message["type"].split("/")[-1]]
        encoding = np.zeros(12, np.uint8)
        text = message["encoding"].encode()
        encoding[: len(text)] = list(text)
        padded = np.zeros(capacity, np.uint8)
        padded[: len(data)] = data
        value = kind(
            index=message.get("index", 0), time_stamp=stamp, height=message["height"], width=message["width"],
            data_size=len(data), step=message["step"], encoding=encoding, data=padded,
        )
        return bytes(store.serialize_cdr(value, message["type"]))
    header = store.types["std_msgs/msg/Header"](stamp=stamp, frame_id=message["frameId"])
    if message["type"] == "sensor_msgs/msg/Image":
        value = kind(
            header=header, height=message["height"], width=message["width"], encoding=message["encoding"],
            is_bigendian=0, step=message["step"], data=data,
        )
    elif message["type"] == "sensor_msgs/msg/CompressedImage":
        value = kind(header=header, format=message["encoding"], data=data)
    else:
        value = kind(header=header)
    return bytes(store.serialize_cdr(value, message["type"]))


def write_bag(folder, storage, compression):
    writer = Writer(Path(folder), version=9, storage_plugin=StoragePlugin[storage.upper()])
    if compression != "none":
        mode = CompressionMode[compression.split("-")[1].upper()]
        writer.set_compression(mode, CompressionFormat.ZSTD)
    with writer:
        connections = {}
        for message in json.load(sys.stdin):
            topic = message["topic"]
            if topic not in connections:
                connections[topic] = writer.add_connection(topic, message["type"], typestore=store)
            writer.write(connections[topic], int(message["logTime"]), serialised(message))


def write_mcap(path, compression, *options):
    chunk = next((int(option[6:]) for option in options if option.startswith("chunk=")), 1024 * 1024)
    unindexed = "unindexed" in options
    with open(path, "wb") as file:
        writer = McapWriter(
            file, chunk_size=chunk, compression=CompressionType[compression.upper()],
            use_chunking="unchunked" not in options, index_types=IndexType.NONE if unindexed else IndexType.ALL,
            repeat_channels=not unindexed, repeat_schemas=not unindexed, use_statistics=not unindexed,
            use_summary_offsets=not unindexed, enable_crcs="nocrc" not in options,
            enable_data_crcs=False,
        )
        writer.start("ros2", "test")
        schemas = {}
        channels = {}
        for sequence, message in enumerate(json.load(sys.stdin)):
            topic, kind = message["topic"], message["type"]
            if kind not in schemas:
                text = store.generate_msgdef(kind, ros_version=2)[0] if kind in store.types else "int32 x"
                schemas[kind] = 0 if kind == "" else writer.register_schema(kind, "ros2msg", text.encode())
            if topic not in channels:
                channels[topic] = writer.register_channel(topic, message.get("messageEncoding", "cdr"), schemas[kind])
            writer.add_message(
                channels[topic], int(message["logTime"]), serialised(message), int(message["logTime"]), sequence
            )
        writer.finish()


def stamp_of(value):
    stamp = value.time_stamp if hasattr(value, "time_stamp") else value.header.stamp if hasattr(value, "header") else None
    return None if stamp is None else f"{stamp.sec * 1_000_000_000 + stamp.nanosec}"


def list_messages(path):
    found = []
    with AnyReader([Path(path)], default_typestore=store) as reader:
        for connection, time, data in reader.messages():
            value = reader.deserialize(data, connection.msgtype)
            found.append({
                "topic": connection.topic, "type": connection.msgtype, "logTime": str(time), "stamp": stamp_of(value),
                "sha256": hashlib.sha256(data).hexdigest(),
            })
    print(json.dumps(found))


def judge():
    for line in sys.stdin:
        try:
            with AnyReader([Path(line.rstrip("\n"))], default_typestore=store) as reader:
                found = [
                    [connection.topic, connection.msgtype, str(time), hashlib.sha256(data).hexdigest()]
                    for connection, time, data in reader.messages()
                ]
        except Exception:
            found = None
        print(json.dumps(found), flush=True)


def plain(value):
    """A decoded message as JSON has it; long bytes as their hash."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return hashlib.sha256(bytes(value)).hexdigest()
    if isinstance(value, (list, tuple)):
        if len(value) > 64 and all(isinstance(one, int) and 0 <= one < 256 for one in value):
            return hashlib.sha256(bytes(value)).hexdigest()
        return [plain(one) for one in value]
    if hasattr(value, "__slots__"):
        return {name: plain(getattr(value, name)) for name in value.__slots__}
    return value


def decode_mcap(path):
    found = []
    with open(path, "rb") as file:
        reader = make_reader(file, decoder_factories=[DecoderFactory()])
        for schema, channel, message, value in reader.iter_decoded_messages():
            found.append({
                "topic": channel.topic, "type": schema.name, "logTime": str(message.log_time),
                "sha256": hashlib.sha256(message.data).hexdigest(), "value": plain(value),
            })
    print(json.dumps(found))


command, *arguments = sys.argv[1:]
{"bag": write_bag, "mcap": write_mcap, "list": list_messages, "decode": decode_mcap, "judge": judge}[command](*arguments)
