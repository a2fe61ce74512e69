package dev.caravan.remote.sftp;

import java.time.Duration;

/**
 * How long a server is waited for. There is no limit to the time that a transfer takes.
 *
 * @param answer the longest that it may take for one answer, such as to flush a file to its disks
 * @param heartbeat between two signs of life; a line that was silent for five of them is dead
 */
public record SftpPatience(Duration answer, Duration heartbeat) {

  /** A line that was silent for so many heartbeats is dead. */
  static final int SILENT_HEARTBEATS = 5;

  public static final SftpPatience STANDARD =
      new SftpPatience(Duration.ofMinutes(5), Duration.ofSeconds(20));
}
