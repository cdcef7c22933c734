"""The bundled demo scenes: one room in motion, with exact ground truth.

    python demo_scenes.py            # writes assets/scenes

The pictures are meant to be played back and forth. Besides COCO's keys, each annotation says how well the
object can be seen: `visible_fraction` is its visible area over the area it would have in the picture if
nothing stood before it, `cut` says whether it touches the picture's border.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from coco_file import CocoFile
from locations import SCENES
from scenes import Instance, Room, visible

SEED = 3_000_024  # demo seeds start at 3 000 000, so that no training background appears
WIDTH, HEIGHT = 1920, 1080
COUNT = 40
STEP = 3  # moments between two pictures


def make(out: Path, quality: int) -> str:
    """Render the pictures and their ground truth; returns a line of figures."""
    room = Room(SEED, WIDTH, HEIGHT)
    file = CocoFile(out, ".", f"demo scenes, seed {SEED}, every {STEP}rd moment; synthetic, exact masks")
    for k in range(COUNT):
        objects = room.objects(k * STEP)
        rgb, ids = room.render(k * STEP)
        image_id = file.add_picture(f"scene_{k:03d}.jpg", rgb, quality)
        for index in visible(objects, ids):
            instance = Instance(objects[index].cls, ids == index + 1)
            x1, y1, x2, y2 = instance.box
            file.add_instance(
                image_id,
                instance,
                visible_fraction=round(float(instance.mask.sum() / room.silhouette(objects[index]).sum()), 4),
                cut=x1 == 0 or y1 == 0 or x2 == WIDTH or y2 == HEIGHT,
            )
    return file.save(out / "ground_truth.json")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=make.__doc__)
    parser.add_argument("--out", type=Path, default=SCENES)
    parser.add_argument("--quality", type=int, default=80, help="JPEG quality, 0 to 100")
    args = parser.parse_args()
    print(make(args.out, args.quality))


if __name__ == "__main__":
    main()
