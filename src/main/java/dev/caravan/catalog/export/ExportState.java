package dev.caravan.catalog.export;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How far an export has come. */
public enum ExportState {
  /** The Alpha has taken the task and not begun it. */
  QUEUED,
  /** The Alpha works on it. */
  RUNNING,
  /** The Alpha has ended it; its files are on their way. */
  UPLOADING,
  /** Its files are at the remote, and each is asked for. */
  VERIFYING,
  /** Every file was proven to be at the remote. */
  DONE,
  /** It will not get there by itself; its files stay where they are. */
  FAILED,
  /** The Alpha does not remember the task, or took longer than was allowed. */
  EXPIRED;

  /** The name in the catalog, the API and the metrics. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** True when nothing more happens to it by itself. */
  public boolean isEnd() {
    return this == DONE || this == FAILED || this == EXPIRED;
  }

  /** The state of this label. */
  public static Optional<ExportState> find(String label) {
    return Arrays.stream(values()).filter(each -> each.label().equals(label)).findFirst();
  }
}
