package dev.caravan.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The mirror. */
public record StorageSettings(
    @Setting(
            value = "Where the store is mirrored to; several are all mirrored, [] for none.",
            def = "[{provider: dir, path: ./data/remote}]")
        List<RemoteSettings> remotes,
    @Setting(value = "Seconds between cycles; 0 means only on change or on demand.", def = "3600")
        Duration syncInterval,
    @Setting(value = "Quartz cron expression instead of the interval.", example = "0 0 3 * * ?")
        Optional<String> syncCron,
    @Setting(
            value = "Objects moved at once, per remote.",
            derived = "16; up to 64 at an S3 remote that is far away",
            min = 1,
            max = 256)
        int transfers,
    @Setting(value = "Rate limit, or a timetable of limits.", example = "08:00,512KiB/s 19:00,off")
        Optional<Bandwidth> bandwidth,
    @Setting(
            value =
                "A file deleted by its owner is moved aside at the remote (trash), deleted (mirror)"
                    + " or left alone (keep).",
            def = "trash")
        Deletes deletes,
    @Setting(value = "How long the trash is kept.", def = "30d") Duration trashKeep,
    @Setting(
            value =
                "A cycle that would delete more files (percent or count, at least 20 files) halts"
                    + " and waits for approval.",
            def = "10%")
        MaxDelete maxDelete,
    @Setting(value = "Free-space floor in GiB; above 0 enables the purge.", def = "0", min = 0)
        double minFreeGb) {

  /** Objects moved at once where nothing is written. */
  public static final int USUAL_TRANSFERS = 16;

  /** The same at a remote where more at once bring more. */
  public static final int FAR_TRANSFERS = 64;

  /** What happens at the remotes to a file that its owner deleted. */
  public enum Deletes {
    TRASH,
    MIRROR,
    KEEP
  }
}
