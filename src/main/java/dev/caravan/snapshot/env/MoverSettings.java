package dev.caravan.snapshot.env;

import dev.caravan.config.MaxDelete;
import dev.caravan.config.S3Settings;
import dev.caravan.snapshot.keep.KeepRules;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What one mover is to do, as its environment says.
 *
 * @param bucket where to, with {@code CUSTOM_PATH_PREFIX} as its prefix
 * @param source the folder that is saved: {@code SOURCE_PATH}
 * @param dated each backup gets a folder of its own: {@code ADD_TIMESTAMP_PREFIX}
 * @param timestamp the name of that folder, where {@code BACKUP_TIMESTAMP} says it: {@code
 *     2026-11-21-032800}
 * @param owner {@code MOVER_OWNER}: whose files lie at the prefix, where that is said
 * @param engine {@code MOVER_ENGINE}
 * @param safety what must hold before something is removed, and after something was sent
 * @param keep which snapshots stay
 * @param tuning of the native engine
 */
public record MoverSettings(
    S3Settings bucket,
    Path source,
    boolean dated,
    Optional<String> timestamp,
    Optional<String> owner,
    Engine engine,
    Safety safety,
    KeepRules keep,
    MoverTuning tuning) {

  /** What moves the bytes. */
  public enum Engine {
    /** Caravan itself. */
    NATIVE,
    /** The rclone binary, as the upstream image does it. */
    RCLONE
  }

  /**
   * What must hold before something is removed, and after something was sent.
   *
   * @param deleteExtraneous a mirror follows deletions: {@code DELETE_EXTRANEOUS}
   * @param maxDelete so many at most: {@code MAX_DELETE}
   * @param skipUnreadable what cannot be read is left out instead of failing the backup: {@code
   *     SKIP_UNREADABLE}
   * @param verify every object is asked for once more at the end: {@code VERIFY_BACKUP}
   */
  public record Safety(
      boolean deleteExtraneous, MaxDelete maxDelete, boolean skipUnreadable, boolean verify) {}
}
