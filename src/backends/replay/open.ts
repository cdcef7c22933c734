import type { SessionOptions } from '../../core/ports.js';
import { readRecording } from './recordingFile.js';
import { ReplaySession } from './session.js';

/**
 * Opens a recording, a folder `NAME.replay`; no frame is read yet, but the files of all are checked.
 *
 * Throws ConfigError (`model_missing`, `model_unreadable`) or ModelContractError (`recording_invalid`,
 * `recording_version`, `recording_incomplete`, `recording_size`, `heads`, `too_many_cells`).
 */
export function openReplaySessionSync(options: SessionOptions): ReplaySession {
  return new ReplaySession(options, readRecording(options.modelPath));
}

/** The same for callers that await; rejects where `openReplaySessionSync` throws. */
export async function openReplaySession(options: SessionOptions): Promise<ReplaySession> {
  return openReplaySessionSync(options);
}
