package dev.caravan.archive;

import dev.caravan.archive.queue.AlertTable;
import dev.caravan.archive.queue.AlertTable.Blocked;
import dev.caravan.archive.queue.AlertTable.GivenUp;
import dev.caravan.catalog.CatalogException;
import dev.caravan.catalog.sql.SqlFailedException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands over what people are to hear of one archive. It is on record in the archive's database
 * before, and said to be handed over only after that: whatever is killed in between, it is handed
 * over again, under the same id.
 */
final class ArchiveAlerts {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.archive");

  /** More at once become one alert: a flood is not read, and pushes out what others have to say. */
  private static final int EACH_MAX = 5;

  private final Archive archive;
  private final AlertTable table;
  private final Consumer<Map<String, Object>> alerts;

  /**
   * @param alerts returns once an alert is on record to be told
   */
  ArchiveAlerts(Archive archive, AlertTable table, Consumer<Map<String, Object>> alerts) {
    this.archive = archive;
    this.table = table;
    this.alerts = alerts;
  }

  /** Hands over all that nobody was told of; what cannot be now is handed over the next time. */
  void tell() {
    try {
      tellAll();
    } catch (SqlFailedException | CatalogException e) {
      LOG.warn("Archive '{}' cannot raise its alerts: {}", archive.name(), e.getMessage());
    }
  }

  private void tellAll() {
    List<GivenUp> files = table.listGivenUp(EACH_MAX + 1);
    if (!files.isEmpty()) {
      if (files.size() > EACH_MAX) {
        tellOfMany(files.get(0), table.countGivenUp());
      } else {
        files.forEach(this::tell);
      }
      table.recordGivenUpTold(archive.world().seconds());
    }
    for (Blocked each : table.listBlockedUntold()) {
      raise("archive-blocked", id(each.timecode(), each.at()), each.at(), each.message());
      table.recordBlockedTold(each.timecode());
    }
  }

  private void tell(GivenUp file) {
    String text =
        "Archive '%s' gave up %s: %s. Mend it, then: caravan archive retry %s %d"
            .formatted(
                archive.name(),
                Archive.shown(file.remotePath()),
                file.reason(),
                archive.name(),
                file.id());
    raise("archive-given-up", id(file.id(), file.at()), file.at(), text);
  }

  private void tellOfMany(GivenUp first, long files) {
    String text =
        ("Archive '%s' gave up %d files, the first is %s: %s. Look at them with: caravan archive"
                + " list %s --state dead; mend it, then: caravan archive retry %s --all")
            .formatted(
                archive.name(),
                files,
                Archive.shown(first.remotePath()),
                first.reason(),
                archive.name(),
                archive.name());
    raise("archive-given-up", id(first.id(), first.at()) + "-" + files, first.at(), text);
  }

  /** The same each time that this is told, and another when it happens again. */
  private String id(long what, double at) {
    return archive.name() + "-" + what + "-" + Math.round(at * 1_000);
  }

  private void raise(String kind, String id, double at, String text) {
    Map<String, Object> alert = new LinkedHashMap<>();
    alert.put("id", kind + "-" + id);
    alert.put("kind", kind);
    alert.put("operation", "archive");
    alert.put("archive", archive.name());
    alert.put("at", String.valueOf(Instant.ofEpochMilli(Math.round(at * 1_000))));
    alert.put("text", text);
    alerts.accept(alert);
  }
}
