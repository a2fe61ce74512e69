package dev.caravan.catalog;

import dev.caravan.event.Operation;
import dev.caravan.event.RunId;
import dev.caravan.event.RunState;
import dev.caravan.event.StorePath;
import dev.caravan.event.Trigger;
import java.util.Optional;

/** Rows for tests. */
final class Rows {
  private Rows() {}

  /** A file whose stamps all follow from {@code version}; its size is {@code version}, too. */
  static FileRow file(String path, long version) {
    return new FileRow(
        StorePath.of(path),
        FileRow.State.PRESENT,
        version,
        version * 10,
        version * 100,
        version * 1_000,
        7,
        0100644,
        Optional.empty(),
        0);
  }

  static CopyTable.Held held(String sha256, long size) {
    return new CopyTable.Held(
        sha256, size, Optional.of("etag"), Optional.of("v1"), "server_checked");
  }

  static String sha(int n) {
    return String.format("%064x", n);
  }

  static RunRow run(String id, boolean dryRun) {
    return new RunRow(
        new RunId(id),
        Operation.SYNC,
        Trigger.MANUAL,
        RunState.QUEUED,
        dryRun,
        1_000,
        0,
        0,
        Optional.empty(),
        "{}");
  }
}
