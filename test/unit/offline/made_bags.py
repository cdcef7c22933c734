"""Makes files of SQLite as rosbag2 of Humble makes them, and some that it would not, with Python's sqlite3.

Usage: made_bags.py FILE KIND; prints the ids of the messages of topic 1 in the order of time, as SQLite gives them, as JSON.
"""

import json
import sqlite3
import struct
import sys

path, kind = sys.argv[1:]
# The names and columns of rosbag2_storage_sqlite3 in Humble.
tables = {
    "topics": "CREATE TABLE topics(id INTEGER PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL,"
    " serialization_format TEXT NOT NULL, offered_qos_profiles TEXT NOT NULL)",
    "messages": "CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id INTEGER NOT NULL, timestamp INTEGER NOT NULL,"
    " data BLOB NOT NULL)",
}
index = "CREATE INDEX timestamp_idx ON messages (timestamp ASC)"
count = 2000
every = 3000 if kind == "long" else 100
if kind == "long":
    count = 160_000
if kind == "nested":
    count = 5000
if kind == "no times":
    tables["messages"] = "CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id INTEGER, timestamp, data BLOB)"
if kind == "computed":
    tables["messages"] = tables["messages"].replace("data BLOB NOT NULL", "data AS (zeroblob(900000000))")
if kind == "no key":
    tables["messages"] = tables["messages"].replace("id INTEGER PRIMARY KEY", "id INTEGER")
if kind == "topics":
    count = 1

db = sqlite3.connect(path)
db.execute(f"PRAGMA page_size={512 if kind == 'nested' else 4096}")
if kind == "view":
    tables["messages"] = (
        "CREATE VIEW messages AS WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r)"
        " SELECT i AS id, 1 AS topic_id, i AS timestamp, x'00010000' AS data FROM r"
    )
for sql in tables.values():
    db.execute(sql)
if kind not in ("view", "unindexed", "nested"):
    db.execute(index)
topics = 70_000 if kind == "topics" else 3
for topic in range(1, topics + 1):
    name, message = ("/imu", "sensor_msgs/msg/Imu") if topic == 2 else (f"/image{topic}", "sensor_msgs/msg/Image")
    db.execute("INSERT INTO topics VALUES (?, ?, ?, 'cdr', '')", (topic, name, message))
if kind not in ("view", "computed"):
    # Neighbours have one time, and times do not quite ascend with ids: i XOR 448.
    db.execute(
        "INSERT INTO messages WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < ?)"
        f" SELECT i, IIF(i % {every} = 0, 1, 2), 1700000000000000000 + (((i | 448) - (i & 448)) >> 7) * 1000,"
        " x'0001000001020304' FROM r",
        (count,),
    )
if kind == "no times":
    for id, time in [(300, None), (500, "noon"), (700, 1e300), (900, -5)]:
        db.execute("UPDATE messages SET timestamp = ? WHERE id = ?", (time, id))
db.commit()
wanted = []
if kind not in ("view", "computed"):
    wanted = [id for (id,) in db.execute("SELECT id FROM messages WHERE topic_id = 1 ORDER BY timestamp, id")]
root = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'messages'").fetchone()[0]
db.close()

if kind == "nested":
    # Inner pages of a table (file format, 1.6) get each other as children, one chain in place of a tree: rows beyond number.
    with open(path, "r+b") as file:
        pages = bytearray(file.read())
        at = (root - 1) * 512
        (cells,) = struct.unpack_from(">H", pages, at + 3)
        places = struct.unpack_from(f">{cells}H", pages, at + 12)
        inner = [struct.unpack_from(">I", pages, at + place)[0] for place in places]
        chain = [root, *inner[:6]]
        for page, child in zip(chain, chain[1:], strict=False):
            at = (page - 1) * 512
            assert pages[at] == 5, "an inner page of a table"
            struct.pack_into(">I", pages, at + 8, child)
            for cell in range(struct.unpack_from(">H", pages, at + 3)[0]):
                (offset,) = struct.unpack_from(">H", pages, at + 12 + 2 * cell)
                struct.pack_into(">I", pages, at + offset, child)
        file.seek(0)
        file.write(pages)
print(json.dumps(wanted))
