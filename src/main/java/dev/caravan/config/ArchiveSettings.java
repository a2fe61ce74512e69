package dev.caravan.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** One archive: files that producers register in a queue, to be copied, proven and deleted. */
public record ArchiveSettings(
    @Setting(
            value = "Which rows of the database are this archive's; unique.",
            example = "timestreams")
        String name,
    @Setting(
            value =
                "The folder at the destination, which must exist. One without a leading slash"
                    + " begins in the user's home folder; at a remote it is a prefix.",
            example = "/srv/archive/timestreams")
        String remoteBasedir,
    @Setting(
            value =
                "The SQLite file of the queue, which producers write to; made where it is missing."
                    + " Several archives may share it.",
            example = "/data/so/databases/suprsync.db")
        Path dbPath,
    @Setting(
            value =
                "The server, as user@host or host, with rsync, xargs and md5sum in its shell. Left"
                    + " out, the destination is a folder of this machine.",
            example = "ocs@archive.example.org")
        Optional<String> sshHost,
    @Setting(value = "The port of its SSH server.", def = "22", min = 1, max = 65535) int sshPort,
    @Setting(
            value =
                "Private key to log in with, without a passphrase, readable by its owner alone."
                    + " Left out, the usual keys in ~/.ssh are tried.",
            example = "~/.ssh/id_ed25519")
        Optional<Path> sshKey,
    @Setting(
            value =
                "File with the keys that hosts are known by; any other server is not talked to.",
            def = "~/.ssh/known_hosts")
        Path knownHosts,
    @Setting(
            value =
                "Send to this remote of storage.remotes instead, by its name: S3, SFTP, rclone, a"
                    + " folder. remote_basedir is the prefix there.",
            example = "nas")
        Optional<String> remote,
    @Setting(
            value =
                "Local files are deleted so long after their copy was verified, once it was"
                    + " verified anew. Left out, they stay.",
            example = "604800")
        Optional<Duration> deleteLocalAfter,
    @Setting(
            value =
                "What delete_local_after counts from: copied (the verified copy) or registered (as"
                    + " SupRsync did).",
            def = "copied")
        DeleteClock deleteClock,
    @Setting(
            value = "A file that could not be copied so often is given up, until retried.",
            def = "5",
            min = 1,
            max = 1000000)
        int maxCopyAttempts,
    @Setting(
            value =
                "The longest that the copying of one batch may take. Left out, only a copy that"
                    + " stands still for five minutes is ended.",
            example = "60")
        Optional<Duration> copyTimeout,
    @Setting(
            value = "The longest that a command at the server may take, such as md5sum of a batch.",
            def = "1h")
        Duration cmdTimeout,
    @Setting(
            value = "Files that are copied together, at most; the next batch follows at once.",
            def = "1000",
            min = 1,
            max = 10000)
        int filesPerBatch,
    @Setting(
            value = "How long to wait when nothing is left to do, before looking again.",
            def = "60")
        Duration sleepTime,
    @Setting(value = "Compress on the way.", def = "false") boolean compression,
    @Setting(
            value = "The most that is sent in a second, as rsync writes it: KiB without a unit.",
            example = "5m")
        Optional<String> bwlimit,
    @Setting(
            value =
                "What becomes of the permissions at the destination, as rsync writes it; none"
                    + " leaves them to the server.",
            def = "g+rwX,o+rX")
        String chmod,
    @Setting(
            value =
                "Where the files are made that announce finished timecode directories. Left out,"
                    + " none are made.",
            example = "/data/so/suprsync")
        Optional<Path> suprsyncFileRoot,
    @Setting(
            value = "Names this machine in the files that announce timecode directories.",
            derived = "`caravan-` and the archive's name",
            example = "smurf-sync-srv20")
        String instanceId,
    @Setting(
            value =
                "A timecode directory with files that were given up: wait for a person, with an"
                    + " alert, or announce it and name them.",
            def = "wait")
        FinalizeIncomplete finalizeIncomplete,
    @Setting(
            value =
                "Folders that are empty for so long after their last file was deleted are removed."
                    + " Left out, they stay.",
            example = "1d")
        Optional<Duration> removeEmptyDirsAfter,
    @Setting(
            value =
                "A folder whose files are registered by Caravan, each under its path below the"
                    + " folder. It is looked at in each round.",
            example = "/data/timestreams")
        Optional<Path> watchDir,
    @Setting(
            value = "Files in watch_dir that were changed more recently than this are left out.",
            def = "60s")
        Duration watchLastEdit) {

  /** What the age of a file counts from when it comes to deleting it. */
  public enum DeleteClock {
    COPIED,
    REGISTERED
  }

  /** What to do about a timecode directory some files of which were given up. */
  public enum FinalizeIncomplete {
    WAIT,
    ANNOUNCE
  }

  /** How rsync reaches the destination; of no use when a remote is named. */
  public RsyncSettings rsync() {
    return new RsyncSettings(
        name,
        sshHost,
        sshPort,
        remoteBasedir.replaceFirst("^~/+", ""),
        sshKey,
        knownHosts,
        compression,
        bwlimit,
        chmod.equals("none") ? Optional.empty() : Optional.of(chmod),
        1);
  }
}
