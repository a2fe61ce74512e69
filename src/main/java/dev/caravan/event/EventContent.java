package dev.caravan.event;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What an event says, by its kind. */
public sealed interface EventContent {

  /** The kind's name, as listeners know it. */
  String kind();

  /** The fields, by the names under which listeners know them; without the run's id. */
  Map<String, Object> fields();

  /** How far a run has come. */
  record Progress(long done, long total, String unit, long bytesDone, long bytesTotal)
      implements EventContent {

    @Override
    public String kind() {
      return "progress";
    }

    @Override
    public Map<String, Object> fields() {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("done", done);
      fields.put("total", total);
      fields.put("unit", unit);
      fields.put("bytes_done", bytesDone);
      fields.put("bytes_total", bytesTotal);
      return fields;
    }
  }

  /** A run came into another state, and the catalog has that on record. */
  record Status(Operation operation, RunState state) implements EventContent {

    @Override
    public String kind() {
      return "status";
    }

    @Override
    public Map<String, Object> fields() {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("operation", operation.label());
      fields.put("state", state.label());
      return fields;
    }
  }

  /**
   * A run said something.
   *
   * @param level {@code info}, {@code warn} or {@code error}
   */
  record Log(String level, String message) implements EventContent {

    @Override
    public String kind() {
      return "log";
    }

    @Override
    public Map<String, Object> fields() {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("level", level);
      fields.put("message", message);
      return fields;
    }
  }

  /** A file changed at a remote, or could not be brought there, and the catalog has that. */
  record FileChange(StorePath path, Change change, String remote) implements EventContent {

    /** What became of the file. */
    public enum Change {
      UPLOADED,
      DELETED,
      TRASHED,
      /** It left the disk of the store; its copies at the remotes are the file. */
      PURGED,
      RESTORED,
      FAILED;

      /** The name under which listeners know it. */
      public String label() {
        return name().toLowerCase(Locale.ROOT);
      }
    }

    @Override
    public String kind() {
      return "file";
    }

    @Override
    public Map<String, Object> fields() {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("path", path.value());
      fields.put("change", change.label());
      fields.put("remote", remote);
      return fields;
    }
  }
}
