import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = process.env.RDK_YOLO_SEG_DATA;

/** Why the vendor's real logs cannot be read; null if they are there. */
export const logsMissing = folder === undefined ? 'RDK_YOLO_SEG_DATA not set' : null;

/** A log of the vendor's own, by its name below `logs/`. */
export function realLog(name: string): string {
  return `${folder}/logs/${name}`;
}

/** A file among the data, by its path there. */
export function realData(path: string): string {
  return `${folder}/${path}`;
}

/** The README this project began with; it lies beside the data. */
export const seedText = `${folder}/../reference/seed/yolov8-instance-segmentation-README.md`;

export function fixturePath(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/logs/${name}`, import.meta.url));
}

export function fixtureText(name: string): string {
  return readFileSync(fixturePath(name), 'utf8');
}

/** What awk, which knows nothing of our parser, makes of a file: its output lines. */
export function awk(program: string, path: string): string[] {
  return execFileSync('awk', [program, path], { encoding: 'utf8' }).trimEnd().split('\n');
}
